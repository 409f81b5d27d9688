namespace Vms.Codecs;

/// <summary>The codecs the product carries. The numbers reach disk (stream log, segments): never renumber.</summary>
public enum CodecKind : byte
{
    None = 0,
    H264 = 1,
    H265 = 2,
    Aac = 3,
    PcmA = 4,
    PcmU = 5,
    Opus = 6,
}
