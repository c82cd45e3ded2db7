SELECT py_file, func_name, count() AS total_samples FROM profiles WHERE event_kind = 'on_cpu' GROUP BY 1, 2
