// Owns what a processor can do, as data: it drives the machine's behaviour, the ID registers, and the features that a kernel
// reports to its programs.
// It does not know how a feature is implemented.

/// The optional features of one processor model. Instructions that do not execute yet are off by default.
@frozen public struct ProcessorFeatures: Hashable, Sendable {
  /// Hardware updates of descriptors. Arm ARM: ID_AA64MMFR1_EL1.HAFDBS.
  /// `accessFlagAndDirtyAndTables` is FEAT_HAFT: while TCR2_EL1.HAFT is set, hardware also sets the access flag of table
  /// descriptors.
  @frozen public enum HardwareUpdate: UInt8, Hashable, Sendable { case off, accessFlag, accessFlagAndDirty, accessFlagAndDirtyAndTables }
  /// The TLBI forms beyond those of Armv8.0: FEAT_TLBIOS, FEAT_TLBIRANGE. Arm ARM: ID_AA64ISAR0_EL1.TLB.
  @frozen public enum TLBMaintenance: UInt8, Hashable, Sendable { case base, outerShareable, range }
  /// FEAT_BBM: what happens when software changes a block's size without break-before-make. Arm ARM: ID_AA64MMFR2_EL1.BBM, D8.16.
  @frozen public enum BlockChange: UInt8, Hashable, Sendable {
    /// Overlapping TLB entries are a TLB conflict.
    case level0
    /// Overlapping TLB entries are a TLB conflict, but the nT bit keeps a block out of the TLB.
    case level1
    /// Overlapping TLB entries never conflict: one of them is used.
    case level2
  }

  /// Pointer authentication with QARMA5. Arm ARM: ID_AA64ISAR1_EL1.APA, whose values these are.
  @frozen public enum PointerAuthentication: UInt8, Hashable, Sendable, CaseIterable {
    case off
    /// FEAT_PAuth.
    case basic
    /// FEAT_EPAC: a pointer that is not canonical gets a PAC of zeros.
    case epac
    /// FEAT_PAuth2: the PAC is XORed into the pointer, so a failure leaves no fixed pattern.
    case pauth2
    /// FEAT_PAuth2 and FEAT_FPAC: the AUT instructions take an exception on failure.
    case fpac
    /// FEAT_FPACCOMBINE beside FEAT_FPAC: the instructions that authenticate and then branch or load take the exception too.
    case fpacCombine
  }

  /// FEAT_LSE: single-instruction atomics.
  public var lse = true
  /// FEAT_LRCPC: LDAPR.
  public var lrcpc = true
  /// FEAT_LOR: LDLAR, STLLR.
  public var lor = true
  /// FEAT_CRC32.
  public var crc32 = true
  /// FEAT_LRCPC2: LDAPUR, STLUR.
  public var lrcpc2 = true
  /// FEAT_FlagM: CFINV, RMIF, SETF8, SETF16.
  public var flagm = true
  /// FEAT_FlagM2: AXFLAG, XAFLAG.
  public var flagm2 = true
  /// FEAT_SB: the speculation barrier.
  public var sb = true
  /// FEAT_WFxT: WFET, WFIT.
  public var wfxt = false
  /// FEAT_CSSC: ABS, CNT, CTZ, SMAX, SMIN, UMAX, UMIN.
  public var cssc = false
  /// FEAT_DGH: a hint that is a NOP everywhere.
  public var dgh = true
  /// FEAT_MTE: the instructions exist, but no tags are stored; tag storage would be FEAT_MTE2.
  public var mte = true
  /// FEAT_RNG: RNDR and RNDRRS, which never fail here; a machine's seed determines them.
  public var rng = true
  /// FEAT_DPB: DC CVAP.
  public var dpb = true
  /// FEAT_DPB2: DC CVADP.
  public var dpb2 = true
  /// FEAT_PAuth and its later forms.
  public var pauth = PointerAuthentication.basic
  /// FEAT_FP16: half-precision arithmetic, scalar and vector.
  public var fp16 = true
  /// FEAT_RDM: SQRDMLAH, SQRDMLSH.
  public var rdm = true
  /// FEAT_DotProd.
  public var dotprod = true
  /// FEAT_FCMA.
  public var fcma = true
  /// FEAT_JSCVT: FJCVTZS.
  public var jscvt = true
  /// FEAT_FHM: FMLAL, FMLSL.
  public var fhm = true
  /// FEAT_FRINTTS.
  public var frintts = true
  /// FEAT_BF16.
  public var bf16 = true
  /// FEAT_I8MM.
  public var i8mm = true
  /// FEAT_AES: AESE, AESD, AESMC, AESIMC.
  public var aes = true
  /// FEAT_PMULL: the 64-bit PMULL. The Arm ARM has it only with FEAT_AES.
  public var pmull = true
  /// FEAT_SHA1.
  public var sha1 = true
  /// FEAT_SHA256.
  public var sha256 = true
  /// FEAT_SHA512. The Arm ARM has it only with FEAT_SHA256.
  public var sha512 = true
  /// FEAT_SHA3.
  public var sha3 = true
  /// FEAT_SM3.
  public var sm3 = true
  /// FEAT_SM4.
  public var sm4 = true
  /// MIDR_EL1: implementer, architecture, part and revision.
  public var mainID: UInt64 = 0x000f_0510
  /// FEAT_HAFDBS.
  public var hardwareUpdate = HardwareUpdate.accessFlagAndDirty
  /// FEAT_PAN.
  public var pan = true
  /// FEAT_PAN2: AT S1E1RP and AT S1E1WP.
  public var pan2 = true
  /// FEAT_PAN3.
  public var epan = false
  /// FEAT_UAO: PSTATE.UAO makes LDTR and STTR at EL1 privileged.
  public var uao = true
  /// FEAT_SSBS2: PSTATE.SSBS with its MRS and MSR.
  public var ssbs = true
  /// FEAT_DIT: PSTATE.DIT exists. It changes nothing, because no instruction's time depends on data here.
  public var dit = true
  /// FEAT_BTI: an indirect branch into a guarded page must reach a landing pad.
  public var bti = true
  /// FEAT_E0PD.
  public var e0pd = true
  /// FEAT_LSE2: unaligned accesses inside 16 aligned bytes are single-copy atomic and do not fault.
  public var lse2 = false
  /// FEAT_IDST: reads in the ID space trap with EC 0x18 where they would be UNDEFINED, from EL0 and, of what is unallocated, from EL1.
  public var idst = true
  /// FEAT_ECV: the event stream may be scaled (CNTKCTL_EL1.EVNTIS), and CNTVCTSS_EL0 and CNTPCTSS_EL0 exist.
  public var ecv = false
  /// FEAT_CSV2: branch targets that one context has trained do not steer another's speculation. Nothing speculates here.
  public var csv2 = true
  /// FEAT_CSV2_2, which needs FEAT_CSV2: SCXTNUM_EL0 and SCXTNUM_EL1 exist.
  public var csv2_2 = true
  /// FEAT_CSV3: data that a faulting load would have read does not steer speculation.
  public var csv3 = true
  /// CTR_EL0.IDC: stored instructions need no clean of the data cache to be fetched.
  public var idc = true
  /// FEAT_HPDS: TCR_EL1.HPDn.
  public var hpds = true
  /// FEAT_TTCNP: TTBRn_EL1.CnP may be set. PEs share no TLB entries either way.
  public var cnp = true
  /// ASIDs have 16 bits while TCR_EL1.AS is set. If this is false they always have 8.
  public var asid16 = true
  /// FEAT_LPA: 52-bit physical addresses with the 64 KiB granule.
  public var lpa = true
  /// FEAT_LVA: 52-bit virtual addresses with the 64 KiB granule.
  public var lva = true
  /// FEAT_LPA2: 52-bit addresses with the 4 KiB and 16 KiB granules, under TCR_EL1.DS.
  public var lpa2 = true
  /// FEAT_TTST: TnSZ up to 48 (47 with the 64 KiB granule).
  public var ttst = true
  /// TCR_EL1.TBIDn: TBIn then covers data addresses only. The architecture has this with FEAT_PAuth; no ID field names it.
  public var tbid = true
  public var tlbMaintenance = TLBMaintenance.range
  /// FEAT_TTL: the level hint of TLBI by address.
  public var ttl = true
  public var blockChange = BlockChange.level2
  /// IMPLEMENTATION DEFINED: if true, a block with nT = 1 is a translation fault; if false, the block is used but never cached.
  public var notTranslatedBlocksFault = false
  /// Entries of the architectural TLB, a power of two from 16 to 65536, and its number of ways, a power of two of at most the
  /// number of entries. With as many ways as entries the TLB is fully associative. An entry maps 4 KiB.
  public var tlbEntries = 1024
  public var tlbWays = 4
  /// Entries of a second, fully associative array, each of which maps a whole page or block larger than 4 KiB; the first array then
  /// holds copies of pieces. With 0, larger pages and blocks are cached in 4 KiB pieces only.
  public var tlbBlockEntries = 0
  /// log2 of the words that DC ZVA clears (DCZID_EL0.BS): 4 is 64 bytes.
  public var zeroBlockLog2Words: UInt64 = 4

  public init() {}
}

extension ProcessorFeatures {
  /// The bits of FPCR that keep what software writes: AHP to Stride, FZ16 and Len. The trap enables do not, because no
  /// floating-point exception can be trapped. Arm ARM D19: FPCR.
  public var floatControlMask: UInt64 { fp16 ? 0x07ff_0000 : 0x07f7_0000 }
  /// The bits of FPSR that keep what software writes: AArch32's flags, QC, IDC and IXC to IOC. Arm ARM D19: FPSR.
  public var floatStatusMask: UInt64 { 0xf800_009f }
}
