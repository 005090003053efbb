# kernels: 6.1 7.3
# boot: track
# image: yes
# mem: 768
# timeout: 300
# files: tests/vm/genl.py tests/vm/t/track_lib.py tests/vm/t/track_without.py
# A kernel that lacks a place to listen at: all but what it feeds is as ever.
# With -k nokprobes: one that has none for kretprobes.
exec python3 /track_without.py
