namespace Vms.Rtsp;

/// <summary>One <c>m=</c> section: a track the camera offers.</summary>
public sealed record MediaDescription
{
    public bool IsVideo { get; init; }

    public bool IsAudio { get; init; }

    /// <summary>Audio towards the camera (ONVIF backchannel): nothing comes from it. Some cameras list it first.</summary>
    public bool IsBackchannel { get; init; }

    /// <summary>-1 when the description names none.</summary>
    public int PayloadType { get; init; }

    /// <summary>RTP encoding name in capitals ("H264"); empty when unknown.</summary>
    public string Encoding { get; init; } = "";

    /// <summary>Ticks per second of the RTP timestamp; 0 when unknown.</summary>
    public int ClockRate { get; init; }

    public int Channels { get; init; } = 1;

    public FormatParameters FormatParameters { get; init; } = FormatParameters.Empty;

    public string? Control { get; init; }
}
