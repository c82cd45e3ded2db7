//! Kernel classes: the table of names, free-form keys and the rest.

mod support;

use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::profile::{class_of, free_form_key, resolve};
use perfbridge_guest::sources::read_profile;
use support::{answer, close};

#[test]
fn the_first_class_that_matches_wins() {
    for (kernel, class) in [
        ("bmm_E4m3_E4m3E4m3_Fp32_t128", Some("fp8_bmm")),
        ("void bmm_E4m3_E4m3E4m3_Fp32_t128", None),
        ("bmm_Bfloat16_E4m3E4m3_x", Some("fp8_bmm")),
        ("cutlass_sm100_fp8_gemm_128", Some("fp8_bmm")),
        (
            "void deep_gemm::sm100_fp8_gemm_1d1d_impl<>",
            Some("fp8_bmm"),
        ),
        (
            "void <unnamed>::multimem_all_reduce_kernel<x>(int)",
            Some("tp_all_reduce"),
        ),
        ("trtllm_allreduce_fusion", Some("tp_all_reduce")),
        ("cudaEventSynchronize", Some("cuda_event_sync")),
        ("[cuda-sync]", Some("cuda_event_sync")),
        ("fmhaSm100fKernel_QkvE4m3", Some("mla_attention")),
        ("kernel_cutlass_cute_flash_fwd_sm100", Some("mla_attention")),
        (
            "moe::dev::finalize::finalizeKernel",
            Some("moe_routing_finalize"),
        ),
        (
            "void moe::dev::activation::activationDeepSeekKernel",
            Some("moe_routing_finalize"),
        ),
        ("moe::dev::convertsf::x_routing", None),
        (
            "per_token_group_quant_8bit_kernel",
            Some("per_token_group_quant"),
        ),
        ("nvjet_tst_64x8", None),
    ] {
        assert_eq!(class_of(kernel), class, "{kernel}");
    }
}

#[test]
fn other_kernels_stand_under_their_own_name_and_the_rest_under_other() {
    assert_eq!(
        free_form_key("void at::native::vectorized_elementwise_kernel<(int)4>(int)"),
        "void_at_native_vectorized_elementwise_kernel"
    );
    assert_eq!(
        free_form_key("ncclDevKernel_AllGather_RING_LL(args)"),
        "nccldevkernel_allgather_ring_ll"
    );
    assert_eq!(
        free_form_key("void (anonymous namespace)::softmax<float>"),
        "void_softmax"
    );
    assert_eq!(free_form_key("<x>"), "unnamed");
    // 25 kernels of 1 to 25 samples, 325 together: the smallest five make 15.
    let rows: Vec<String> = (1..=25)
        .map(|n| format!("\"kernel\": \"k{n}(int)\", \"total_samples\": {n}"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let text = answer(&["kernel", "total_samples"], &rows);
    let tree = MemoryTree::new([("response.json", text)]);
    let observed = read_profile(&tree).expect("readable");
    let classes = resolve(&observed).kernel_class_gpu_pct.expect("classes");
    assert_eq!(classes.len(), 21);
    assert_eq!(classes[0].0, "k25");
    close(Some(classes[0].1), 100.0 * 25.0 / 325.0);
    assert_eq!(classes[20].0, "other");
    close(Some(classes[20].1), 100.0 * 15.0 / 325.0);
}
