namespace Vms.Rtsp;

/// <summary>A track that is pulled, and how its packets come.</summary>
/// <param name="Index">Its place among the pulled ones; 0 is the video track.</param>
public sealed record RtspTrack(int Index, MediaDescription Media)
{
    /// <summary>What SETUP agreed on; empty before.</summary>
    public TransportHeader Transport { get; init; } = new();

    /// <summary>RTP may use other channels than those asked for.</summary>
    public byte RtpChannel => Transport.RtpChannel ?? (byte)(2 * Index);

    public byte RtcpChannel => Transport.RtcpChannel ?? (byte)((2 * Index) + 1);
}
