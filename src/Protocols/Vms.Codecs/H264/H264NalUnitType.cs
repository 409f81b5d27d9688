namespace Vms.Codecs.H264;

/// <summary>nal_unit_type (ITU-T H.264 table 7-1), and the values RFC 6184 §5.2 table 1 adds for RTP payloads.</summary>
public enum H264NalUnitType : byte
{
    Unspecified = 0,

    /// <summary>Coded slice of a non-IDR picture.</summary>
    NonIdrSlice = 1,
    SliceDataPartitionA = 2,
    SliceDataPartitionB = 3,
    SliceDataPartitionC = 4,

    /// <summary>Coded slice of an IDR picture.</summary>
    IdrSlice = 5,

    /// <summary>Supplemental enhancement information.</summary>
    Sei = 6,
    Sps = 7,
    Pps = 8,
    AccessUnitDelimiter = 9,
    EndOfSequence = 10,
    EndOfStream = 11,
    FillerData = 12,
    SpsExtension = 13,
    Prefix = 14,
    SubsetSps = 15,
    Reserved16 = 16,
    Reserved17 = 17,
    Reserved18 = 18,

    /// <summary>Slice of an auxiliary coded picture without partitioning.</summary>
    AuxiliarySlice = 19,
    SliceExtension = 20,
    Reserved21 = 21,
    Reserved22 = 22,
    Reserved23 = 23,

    /// <summary>Single-time aggregation packet (RFC 6184 §5.7.1).</summary>
    StapA = 24,
    StapB = 25,
    Mtap16 = 26,
    Mtap24 = 27,

    /// <summary>Fragmentation unit (RFC 6184 §5.8).</summary>
    FuA = 28,
    FuB = 29,
    Undefined30 = 30,
    Undefined31 = 31,
}
