namespace Vms.Onvif.Media;

/// <summary>A ready-made combination of source and encoder that a device offers as a stream (ONVIF Media Service Specification §5.2).</summary>
/// <param name="Name">For people; not unique.</param>
/// <param name="VideoSource">Token of the sensor, or of a recorder's channel; null when there is none.</param>
/// <param name="Video">Null for profiles without pictures (metadata alone, or not set up: Bosch has 16).</param>
/// <param name="HasAudio">An audio encoder is part of it.</param>
/// <param name="HasMetadata">Its stream brings events of its own.</param>
/// <param name="PtzNode">Token of what moves; null when nothing does.</param>
public sealed record MediaProfile(string Token, string Name, string? VideoSource, VideoEncoding? Video, bool HasAudio, bool HasMetadata, string? PtzNode)
{
    /// <summary>Token of the source's configuration, by which rules name what they are about; null when the device does not tell.</summary>
    public string? VideoSourceConfiguration { get; init; }

    /// <summary>Of a device: a recorder with 64 channels has some hundred.</summary>
    public const int MaxProfiles = 512;
}

/// <summary>How pictures are encoded.</summary>
/// <param name="Codec">H264, H265, JPEG, …: in capital letters, without dots.</param>
/// <param name="FrameRate">Upper limit, pictures per second.</param>
/// <param name="BitrateKbps">Upper limit, 1,000 bits per second.</param>
public sealed record VideoEncoding(string Codec, int Width, int Height, double? FrameRate, int? BitrateKbps)
{
    /// <summary>Of a side; more is nonsense.</summary>
    public const int MaxSide = 32_768;

    public long Pixels => (long)Width * Height;
}
