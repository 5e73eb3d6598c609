// Owns LLVM's verdict on a sample: which words are instructions of the families in scope.
// It does not know our decoder or Capstone: the bits were recorded from llvm-objdump by mnemonic.

/// One bit for each word of `SampleWords(seed: 14, count: 8192)`, the first word in the highest bit of the first digit: set
/// where version 21 of `llvm-objdump -M no-aliases` with every feature of the issue (LSE, LRCPC, LOR, CRC, SB, PSTATE fields) names an
/// instruction of `Instruction`'s families; SIMD and FP data processing and structure accesses by version 14 with every feature up to
/// Armv8.6; FEAT_MTE. Left out: MSR and MRS with op0 = 0, which LLVM accepts without meaning, and SB with CRm other than 0, which is
/// CONSTRAINED UNPREDICTABLE and UNDEFINED here, as is ADDG with op3 other than 0.
enum LLVMVerdicts {
  static let seed: UInt64 = 14
  static let rows: [String] = [
    "630a3f03673189a03c737fd74b67719bba7647377287ea315bf277771ffa23c9700bb077739b3a07277095f056931efe039c75d3b074d31bff032b309b223e33",
    "3c9a0f433317eab2275ede27e172fb62f6d743136b0d71f1a2f6c73d732ff773d9a834d72d2b8b7f31b3b2b6d32eebcb4f76d32afe433aba07e3311f71f7731b",
    "bba759f0ddb93257793b514d328f6033e31fba21647371a09537186e0fdf70f8b1beb31f27072d71d3aa7aa72effa7ee32bfa2b2d7333eaf3735a9e27417fd33",
    "432d32cba8b653acfa23677bef3037d30ebb0fd4f6eba0b0673e2f0f6773f9a036937e3a0b6933ebf272771d928b5376dda036d32eff8f7d34e92074f71ab623",
    "e373f3a2b5633f9a85a771ef20f2f3777a2bed33a9a03e37dfbe85a573e72396477bf20ba772c5647ef33caa0f7f73dea27e472eba93b032cb703fb3bfaa07e9",
    "32f1a03c338bbb07bf3df0a2f79308ba2701f0a0fa37534f9b0f62316ba4bee37dbf010173e7b2b26338ab03bc39a362f6f7fbff8f2571f3213e772fb2212731",
    "fbe0f2c348ba036173c7ac7ed75f721b6573fb2936178dba837c77dbe232773cb327a931e368f4f7afbfb52f72bdb6f5333bba037172ffea3ec72dff074f71f2",
    "305a473fae2377b8abe8f6331236276b33fba0f4677cbb0b6c32d7b235032dff6be5776d68b3b32cb207af35bb207cd30dbbabed33ff76767316fb2f6672f5f4",
    "f2c338bea703318ef0be771eba037f70fbf83fc35b9b8bed33c5a8b3b705bb27e7304be037e7589b23eb70cf2070472cf3033f31eb60f7773fa77947709730bf",
    "d30b5e2f6777c03232770fae5bff73f8aa961338ff3b1c3fe3a4f2f30afe0bee31edb272431c7f2b06335bb43e531e172b453353b03e53f13b0b66f09428f6fb",
    "0eab0b6f73b3fafae7681a237772ef2032573e2ebb6731bbb0f6f76f9a0f6f77c4be77c73fbb23ef714f3830f318328baf76a920d2e71d1203f773a1e2b2b309",
    "820f643bebb2bfe73c1b6b2f73dbfc3fd7bbbe03af79d3b836e39e1a076331b8b137f33cfa2b7b35f3abd4f30fb2637d71cfa076132c37030572fba234b33c3b",
    "0f3931a5b6ffb70fbf0b7871f3ee37672a3a832530cfa076f72db7650475b3b23f733e7e2f69739fb0ffe77eff032935eba874133e3ee16778eb2037d71e1b47",
    "a1377b603dd31f9a2bee3155f03ee71fb28bef31bb783eb73d9b4b0771cb30be579bbb036f73bf20b277795e2f3f33f3e07f1759fb838435eb74342382bb0b63",
    "72a7bc73575fda4bf3f4fba076d72f9607f971abf372d788172b6e70cf32f8f37fbf8f763257f07e537eab0b4e71df623633ad2e2bf7b1fd2a34b75a122b7c7f",
    "a3607f935fba0b42312b76b41308970fed73a0b83fe3fcf223ab718c23fe03bc7fcb7f33dfbaba171e5f276973e5203e5314bf0b5571dba43ef31cb30b1d3283",
  ]
}
