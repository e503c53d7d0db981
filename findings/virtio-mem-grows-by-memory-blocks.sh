#!/usr/bin/env bash
# A guest of 64 GiB and more gets less memory from virtio-mem than QEMU was asked to give, and nothing says so.
#
# Versions    Linux 6.12.117 (Debian 6.12.117-1~deb12u1), QEMU 7.2 (Debian 1:7.2+dfsg-7+deb12u18+b3), software emulation
# Input       two guests with the same virtio-mem device of 8 GiB that is asked for 3 GiB (requested-size=3G): one has
#             4 GiB of memory, so memory blocks of 128 MiB; one has 66 GiB, so memory blocks of 2 GiB.
# Guess       virtio-mem plugs in units of 2 MiB (its own block size, which both guests print), so both guests have the
#             3 GiB after a moment, the larger one with a block that is half plugged.
# Behaviour   the smaller guest has 3 GiB. The larger one has 2 GiB, one memory block, and stays there; its log says
#             `requested size: 0xc0000000` and no word of the third that is missing.
# Who reads logs takes what /proc/iomem has as `System RAM (virtio_mem)`, not what was requested.
#
# Runs on amd64 with apt, dpkg-deb, gzip and Debian 12's sources; takes two minutes or so. Exit status: 0 where all is as
# said, 1 where it is not, 2 where the packages cannot be had.
set -euo pipefail
kernel=linux-image-6.12.117+deb12-amd64=6.12.117-1~deb12u1
tools=(qemu-system-x86=1:7.2+dfsg-7+deb12u18+b3 busybox-static=1:1.35.0-4+deb12u1+b1)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# With an empty status apt fetches all that a package needs; nothing is installed.
mkdir -p archives/partial root initrd/bin initrd/proc initrd/sys initrd/dev
touch status
apt=(apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root
  -o Debug::NoLocking=true)
{ "${apt[@]}" -y --no-install-recommends --download-only install "${tools[@]}" && "${apt[@]}" download "$kernel"; } \
  >apt.log 2>&1 || { cat apt.log >&2; echo 'the packages cannot be had' >&2; exit 2; }
for deb in archives/*.deb ./*.deb; do dpkg-deb --extract "$deb" root; done

# The driver and what it needs, which Debian builds as modules.
modules=(virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_mem)
cp root/bin/busybox initrd/bin/
for module in "${modules[@]}"; do
  found=$(find root -name "$module.ko*" -print -quit)
  case $found in
    '') ;;  # Built in.
    *.xz) xz -dc "$found" >"initrd/$module.ko" ;;
    *) cp "$found" "initrd/$module.ko" ;;
  esac
done
cat >initrd/init <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc none /proc
/bin/busybox --install -s /bin
PATH=/bin
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for module in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_mem; do
  [ ! -f /$module.ko ] || insmod /$module.ko
done
sleep 20
echo "block_size $(cat /sys/devices/system/memory/block_size_bytes)"
dmesg | grep -o 'virtio_mem virtio.*'
dmesg | grep -iE 'virtio.*(fail|error|unaligned|not|warn)'
grep 'virtio_mem' /proc/iomem
echo done
poweroff -f
INIT
chmod +x initrd/init
(cd initrd && find . | ../root/bin/busybox cpio -o -H newc 2>/dev/null | gzip -1) >initrd.gz

loader=$(find root -name ld-linux-x86-64.so.2 -print -quit)
boot() { # MEBIBYTES
  QEMU_MODULE_DIR=$work/root/usr/lib/x86_64-linux-gnu/qemu timeout 900 "$loader" \
    --library-path "$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" \
    root/usr/bin/qemu-system-x86_64 -L root/usr/share/qemu -L root/usr/share/seabios -nodefaults -display none \
    -no-reboot -accel tcg -machine q35 -m "$1M,slots=4,maxmem=128G" -serial stdio \
    -object "memory-backend-ram,id=ram,size=$1M,reserve=off" -numa node,memdev=ram,cpus=0 \
    -object memory-backend-ram,id=more,size=8G,reserve=off \
    -device virtio-mem-pci,id=vm0,memdev=more,node=0,requested-size=3G \
    -kernel root/boot/vmlinuz-* -initrd initrd.gz -append 'console=ttyS0 quiet panic=-1 no_timer_check' </dev/null | tr -d '\r'
}

status=0
expect() { # NAME LOG BLOCK-SIZE BYTES
  local plugged=0 first last
  while read -r first last; do plugged=$((plugged + 0x$last - 0x$first + 1)); done < \
    <(sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : System RAM (virtio_mem)$/\1 \2/p' "$2")
  echo "$1: memory blocks of 0x$(sed -n 's/^block_size //p' "$2"), $plugged bytes of System RAM (virtio_mem)"
  grep -E '(requested|plugged|device block) size' "$2" | sed 's/^/  /'
  if ! grep -qx "block_size $3" "$2" || [ $plugged -ne "$4" ] || ! grep -q 'requested size: 0xc0000000' "$2" ||
    ! grep -q 'device block size: 0x200000' "$2"; then
    echo "not as said: expected blocks of 0x$3 and $4 bytes" >&2
    status=1
  fi
}
boot 4096 >small.log
expect 'guest of 4 GiB' small.log 8000000 $((3 << 30))
boot 67584 >large.log
expect 'guest of 66 GiB' large.log 80000000 $((2 << 30))
if grep -qiE 'virtio_mem.*(fail|error|warn)' large.log; then
  echo 'not as said: the larger guest complains' >&2
  status=1
fi
exit $status
