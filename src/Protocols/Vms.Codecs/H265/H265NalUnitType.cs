namespace Vms.Codecs.H265;

/// <summary>nal_unit_type (ITU-T H.265 table 7-1), and the values RFC 7798 §4.4 adds for RTP payloads.</summary>
public enum H265NalUnitType : byte
{
    TrailN = 0,
    TrailR = 1,
    TsaN = 2,
    TsaR = 3,
    StsaN = 4,
    StsaR = 5,

    /// <summary>Random access decodable leading picture: decodes without what came before its IRAP picture.</summary>
    RadlN = 6,
    RadlR = 7,

    /// <summary>Random access skipped leading picture: needs pictures from before its IRAP picture.</summary>
    RaslN = 8,
    RaslR = 9,
    ReservedVclN10 = 10,
    ReservedVclR15 = 15,

    /// <summary>Broken link access, with leading pictures.</summary>
    BlaWLp = 16,
    BlaWRadl = 17,
    BlaNLp = 18,
    IdrWRadl = 19,
    IdrNLp = 20,

    /// <summary>Clean random access: intra, but pictures that follow it may refer to older ones.</summary>
    Cra = 21,
    ReservedIrap22 = 22,
    ReservedIrap23 = 23,
    ReservedVcl24 = 24,
    ReservedVcl31 = 31,
    Vps = 32,
    Sps = 33,
    Pps = 34,
    AccessUnitDelimiter = 35,
    EndOfSequence = 36,
    EndOfBitstream = 37,
    FillerData = 38,
    PrefixSei = 39,
    SuffixSei = 40,
    ReservedNvcl41 = 41,
    ReservedNvcl44 = 44,
    ReservedNvcl45 = 45,
    ReservedNvcl47 = 47,

    /// <summary>Aggregation packet (RFC 7798 §4.4.2).</summary>
    Ap = 48,

    /// <summary>Fragmentation unit (RFC 7798 §4.4.3).</summary>
    Fu = 49,

    /// <summary>PACI packet (RFC 7798 §4.4.4).</summary>
    Paci = 50,
}
