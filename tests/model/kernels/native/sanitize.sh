#!/bin/sh
# The kernels' tests under sanitizers, in a copy of the project whose kernels are built with them, and without a warning.
#     sanitize.sh PYTHON
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/../../../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$root/app" "$root/model" "$root/tests" "$root/setup.py" "$root/pyproject.toml" "$root"/*.md "$root/LICENSE" "$copy"
rm -f "$copy"/model/kernels/native/_kernels*
ln -s "$root/resources" "$copy/resources"
cd "$copy"

echo "The thread pool under ThreadSanitizer"
cc -std=c11 -O1 -g -fsanitize=thread -fno-sanitize-recover=all -Wall -Wextra -Werror -Imodel/kernels/native/c \
    tests/model/kernels/native/pool_stress.c model/kernels/native/c/system/pool.c model/kernels/native/c/system/threads.c \
    -lpthread -o pool_stress
./pool_stress

echo "The kernels' tests under AddressSanitizer and UndefinedBehaviorSanitizer"
# Unaligned vectors are what their loads are for; everything else ends the run.
flags="-g -fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=all"
LECTERN_KERNELS=required LECTERN_OPTIMISE=-O1 CFLAGS="$flags" LDFLAGS="$flags" "$python" setup.py --quiet build_ext --inplace
LD_PRELOAD="$(cc -print-file-name=libasan.so) $(cc -print-file-name=libubsan.so)" \
    ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONPATH="$copy" \
    "$python" -m pytest -q -n0 --capture=sys -p no:cacheprovider --timeout=600 \
    tests/model/kernels/native/test_native.py tests/model/kernels/native/test_decode.py tests/model/kernels/native/test_head.py \
    tests/model/kernels/native/test_gemm.py tests/model/kernels/native/test_norm.py tests/model/kernels/native/test_flash.py \
    tests/model/kernels/native/test_recognise.py \
    tests/model/kernels/native/test_pairs.py
