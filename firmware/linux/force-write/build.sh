#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# build.sh: prints the path of a small arm64 kernel, made of Debian's linux-source-6.12 with the force-write change inserted. The
# first time it builds the kernel, which takes half an hour of one processor. The boot parameter force_write=1 or 5 chooses the
# version of the change; without it the kernel behaves like Debian's. It does not know who boots the kernel.
#
# The configuration is that of Debian's cloud kernel, without modules and without parts that have no effect on the programs here.
# What remains is the core, including memory management, one serial line, and the file systems in memory.
set -euo pipefail
cd "$(dirname "$0")/../../.."
inserted=$PWD/firmware/linux/force-write
here=$PWD/build/linux/force-write
source=$here/linux-source-6.12
image=$source/arch/arm64/boot/Image
export ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-

missing=
for tool in make gcc flex bison bc; do command -v $tool >/dev/null || missing+=" $tool"; done
command -v ${CROSS_COMPILE}gcc >/dev/null || missing+=" gcc-aarch64-linux-gnu"
# shellcheck disable=SC2086 -- a list of words
[ -z "$missing" ] || firmware/install.sh $missing >&2

if [ ! -f "$here/fault.c" ]; then
  echo "Fetching Linux's source from Debian trixie." >&2
  firmware/linux/debian.sh trixie "$here" linux-source-6.12 linux-config-6.12
  tar xf "$here/root/usr/src/linux-source-6.12.tar.xz" -C "$here"
  xzcat "$here/root/usr/src/linux-config-6.12/config.arm64_none_cloud-arm64.xz" > "$here/cloud.config"
  rm -rf "$here/root"
  cp "$source/arch/arm64/mm/fault.c" "$here/fault.c"
fi

# place FILE TARGET: copies a file only if it changed, so that make builds only the changed parts again.
place() { cmp -s "$1" "$2" || cp "$1" "$2"; }
awk -f "$inserted/insert.awk" "$here/fault.c" > "$here/fault.new.c"
place "$here/fault.new.c" "$source/arch/arm64/mm/fault.c"
place "$inserted/force_write.h" "$source/arch/arm64/mm/force_write.h"

cd "$source"
off=(
  MODULES VIRTUALIZATION XEN COMPAT ACPI EFI PCI NET USB_SUPPORT DRM FB SCSI ATA MD INPUT HID_SUPPORT BLK_DEV_NVME
  EXT4_FS FUSE_FS QUOTA QUOTACTL FS_ENCRYPTION FS_VERITY PSTORE FANOTIFY ISO9660_FS FAT_FS MISC_FILESYSTEMS NLS NETWORK_FILESYSTEMS
  BINFMT_MISC POSIX_MQUEUE IO_URING BPF_SYSCALL AUDIT
  DEBUG_INFO DEBUG_INFO_BTF DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT KPROBES UPROBES FTRACE KFENCE DAMON DEBUG_FS DYNAMIC_DEBUG KALLSYMS
  CORESIGHT RUNTIME_TESTING_MENU
  INTEGRITY SECURITY_LANDLOCK SECURITY_LOCKDOWN_LSM SECURITY_APPARMOR SECURITY_SELINUX SECURITY_TOMOYO SECURITY_SMACK TCG_TPM
  SYSTEM_TRUSTED_KEYRING CRYPTO_FIPS KEXEC CRASH_DUMP HIBERNATION SUSPEND PM CPU_FREQ CPU_IDLE
  ARCH_ALPINE ARCH_BCM ARCH_HISI ARCH_NXP ARCH_QCOM ARCH_SEATTLE ARCH_THUNDER ARCH_THUNDER2 ARCH_VEXPRESS ARCH_XGENE
  GPIOLIB PINCTRL THERMAL WATCHDOG POWER_SUPPLY IOMMU_SUPPORT LIBNVDIMM DAX INTERCONNECT RESET_CONTROLLER HWSPINLOCK MFD_SYSCON
  VFIO TEE SERIAL_8250 SERIAL_MSM SERIAL_QCOM_GENI SERIAL_XILINX_PS_UART SERIAL_FSL_LPUART SERIAL_DEV_BUS VT HVC_DRIVER
  VIRTIO_CONSOLE VIRTIO_MENU VHOST_MENU HW_RANDOM RTC_CLASS ARM_SCMI_PROTOCOL GOOGLE_FIRMWARE CONNECTOR PTP_1588_CLOCK PPS
  PM_DEVFREQ EDAC RAS MEDIA_CEC_SUPPORT SRAM DMABUF_HEAPS UDMABUF SYNC_FILE MTD FW_LOADER
  BLK_DEV_LOOP BLK_DEV_ZONED BLK_SED_OPAL BLK_DEV_INTEGRITY ZONE_DEVICE
  RD_GZIP RD_BZIP2 RD_LZMA RD_XZ RD_LZO RD_LZ4 RD_ZSTD
)
# Everything that Debian builds as a module is left out, except compressed swap space.
sed -E 's/^(CONFIG_[A-Za-z0-9_]+)=m$/# \1 is not set/' "$here/cloud.config" > "$here/new.config"
options=()
for option in "${off[@]}"; do options+=(-d "$option"); done
scripts/config --file "$here/new.config" "${options[@]}" -e DEBUG_INFO_NONE -e ZSMALLOC -e ZRAM -e ZRAM_BACKEND_LZ4
{
  if ! cmp -s "$here/new.config" "$here/old.config" || [ ! -f .config ]; then
    cp "$here/new.config" .config
    make olddefconfig
    cp "$here/new.config" "$here/old.config"
  fi
  [ -f "$image" ] || echo "Building Linux $(make -s kernelversion) with the force-write change (build/linux/force-write/build.log)." >&3
  nice -n 10 make -j"$(nproc)" Image
} 3>&2 > "$here/build.log" 2>&1 || { tail -5 "$here/build.log" >&2; echo "error: the kernel could not be built" >&2; exit 1; }
echo "$image"
