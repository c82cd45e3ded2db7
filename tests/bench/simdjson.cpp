// A ceiling for reading request records: simdjson's On-Demand, which finds the same ten numbers in each line and keeps
// their sums. It checks less than we do (no repeated keys, no units) and understands nothing.
//   simdjson RECORDS.jsonl
#include <cstdio>
#include <cstdint>
#include <simdjson.h>
#include <string_view>

using namespace simdjson;

static const char *METRICS[] = {"time_to_first_token", "inter_token_latency", "request_latency",
                                "output_token_throughput_per_user", "output_sequence_length", "input_sequence_length"};

int main(int, char **arguments) {
  padded_string text;
  if (padded_string::load(arguments[1]).get(text)) return 2;
  ondemand::parser parser;
  ondemand::document_stream lines;
  if (parser.iterate_many(text, 1 << 20).get(lines)) return 2;
  double sum = 0;
  uint64_t times = 0, count = 0;
  for (auto line : lines) {
    ondemand::object record, metadata, metrics;
    if (line.get_object().get(record) || record["metadata"].get_object().get(metadata)) return 3;
    for (auto field : metadata) {
      std::string_view key = field.unescaped_key();
      if (key == "request_start_ns" || key == "request_end_ns" || key == "credit_issued_ns") times += field.value().get_uint64().value();
    }
    if (record["metrics"].get_object().get(metrics)) return 3;
    for (auto field : metrics) {
      std::string_view key = field.unescaped_key();
      for (auto wanted : METRICS)
        if (key == wanted) sum += field.value()["value"].get_double().value();
    }
    count++;
  }
  std::printf("%llu %llu %g\n", (unsigned long long)count, (unsigned long long)times, sum);
}
