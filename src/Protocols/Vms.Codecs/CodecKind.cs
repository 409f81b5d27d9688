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
    G726 = 7,
    L16 = 8,
    Mjpeg = 9,

    /// <summary>ONVIF metadata (`vnd.onvif.metadata`): XML documents, for analytics.</summary>
    OnvifMetadata = 10,

    /// <summary>What uncompressed sound is wrapped in for browsers; no camera sends it and nothing records it.</summary>
    Flac = 11,
}
