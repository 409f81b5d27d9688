using System.Globalization;

namespace Vms.WebRtc.Sdp;

/// <summary>The profiles that RTP peers tell apart (RFC 6184 §8.1, table 5).</summary>
public enum H264Profile
{
    Other,
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,
    High444Predictive,
}

/// <summary>profile_idc, constraint flags and level_idc: the three bytes after the SPS's header and of <c>profile-level-id</c>.</summary>
public readonly record struct H264ProfileLevelId(byte ProfileIdc, byte ConstraintFlags, byte LevelIdc)
{
    /// <summary>What an absent parameter means (RFC 6184 §8.1): Baseline, level 1.</summary>
    public static readonly H264ProfileLevelId Default = new(0x42, 0x00, 0x0A);

    public H264Profile Profile => ProfileIdc switch
    {
        0x42 when (ConstraintFlags & 0x40) != 0 => H264Profile.ConstrainedBaseline,
        0x42 => H264Profile.Baseline,
        0x4D when (ConstraintFlags & 0x80) != 0 => H264Profile.ConstrainedBaseline,
        0x4D => H264Profile.Main,
        0x58 when (ConstraintFlags & 0xC0) == 0xC0 => H264Profile.ConstrainedBaseline,
        0x64 when (ConstraintFlags & 0x0C) == 0x0C => H264Profile.ConstrainedHigh,
        0x64 => H264Profile.High,
        0xF4 => H264Profile.High444Predictive,
        _ => H264Profile.Other,
    };

    public static bool TryParse(ReadOnlySpan<char> hex, out H264ProfileLevelId value)
    {
        bool parsed = uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits)
            && hex.Length == 6;
        value = new H264ProfileLevelId((byte)(bits >> 16), (byte)(bits >> 8), (byte)bits);
        return parsed;
    }

    public override string ToString() => $"{ProfileIdc:x2}{ConstraintFlags:x2}{LevelIdc:x2}";
}
