// SPDX-License-Identifier: GPL-2.0
/* usage: peer kprobe | fentry: attach peer.bpf.o's program, until killed */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	char name[32];
	struct bpf_object *object = bpf_object__open_file("/peer.bpf.o", NULL);
	struct bpf_program *program, *wanted;

	if (argc != 2 || !object)
		return 1;
	snprintf(name, sizeof(name), "seen_by_%s", argv[1]);
	wanted = bpf_object__find_program_by_name(object, name);
	if (!wanted)
		return 1;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, program == wanted);
	if (bpf_object__load(object) || !bpf_program__attach(wanted)) {
		perror("peer: cannot attach its program");
		return 2;
	}
	puts("ready 1");
	fflush(stdout);
	for (;;)
		pause();
}
