namespace Vms.Containers.Matroska;

/// <summary>Element ids as they are written, length marker included (RFC 8794 §17, RFC 9559 §27.1).</summary>
internal static class MatroskaId
{
    public const uint Ebml = 0x1A45DFA3, EbmlVersion = 0x4286, EbmlReadVersion = 0x42F7, EbmlMaxIdLength = 0x42F2, EbmlMaxSizeLength = 0x42F3;
    public const uint DocType = 0x4282, DocTypeVersion = 0x4287, DocTypeReadVersion = 0x4285;
    public const uint Void = 0xEC;
    public const uint Segment = 0x18538067, Info = 0x1549A966, TimestampScale = 0x2AD7B1, MuxingApp = 0x4D80, WritingApp = 0x5741, Title = 0x7BA9, DateUtc = 0x4461;
    public const uint Tracks = 0x1654AE6B, TrackEntry = 0xAE, TrackNumber = 0xD7, TrackUid = 0x73C5, TrackType = 0x83, FlagLacing = 0x9C, Language = 0x22B59C;
    public const uint CodecId = 0x86, CodecPrivate = 0x63A2, CodecDelay = 0x56AA, SeekPreRoll = 0x56BB;
    public const uint Video = 0xE0, PixelWidth = 0xB0, PixelHeight = 0xBA;
    public const uint Audio = 0xE1, SamplingFrequency = 0xB5, Channels = 0x9F, BitDepth = 0x6264;
    public const uint Tags = 0x1254C367, Tag = 0x7373, Targets = 0x63C0, TargetTypeValue = 0x68CA, SimpleTag = 0x67C8, TagName = 0x45A3, TagString = 0x4487;
    public const uint Cluster = 0x1F43B675, ClusterTimestamp = 0xE7, SimpleBlock = 0xA3;
}
