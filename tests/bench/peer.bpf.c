// SPDX-License-Identifier: GPL-2.0
/*
 * What tcpsynbl does with each SYN: a histogram of the accept queue's length, one
 * for each limit. Once as a kprobe and once as fentry, which is cheaper.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define SLOTS	27

struct sock {
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
} __attribute__((preserve_access_index));

/* how x86's C functions are given their third argument */
struct pt_regs {
	unsigned long dx;
} __attribute__((preserve_access_index));

struct hist {
	__u32 slots[SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct hist);
} hists SEC(".maps");

static const struct hist zero;

static __always_inline __u64 log2l(__u64 v)
{
	__u64 r = 0;

	for (int shift = 16; shift; shift /= 2) {
		if (v >> shift) {
			v >>= shift;
			r += shift;
		}
	}
	return r;
}

static __always_inline int seen(struct sock *sk)
{
	__u64 max = BPF_CORE_READ(sk, sk_max_ack_backlog);
	__u64 slot = log2l(BPF_CORE_READ(sk, sk_ack_backlog));
	struct hist *hist = bpf_map_lookup_elem(&hists, &max);

	if (!hist) {
		bpf_map_update_elem(&hists, &max, &zero, BPF_NOEXIST);
		hist = bpf_map_lookup_elem(&hists, &max);
		if (!hist)
			return 0;
	}
	if (slot >= SLOTS)
		slot = SLOTS - 1;
	__sync_fetch_and_add(&hist->slots[slot], 1);
	return 0;
}

SEC("kprobe/tcp_conn_request")
int seen_by_kprobe(struct pt_regs *ctx)
{
	return seen((struct sock *)BPF_CORE_READ(ctx, dx));
}

SEC("fentry/tcp_conn_request")
int seen_by_fentry(__u64 *ctx)
{
	return seen((struct sock *)ctx[2]);
}

char LICENSE[] SEC("license") = "GPL";
