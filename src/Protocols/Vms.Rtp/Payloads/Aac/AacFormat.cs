namespace Vms.Rtp.Payloads.Aac;

/// <summary>The shape of an MPEG4-GENERIC payload (RFC 3640 §4.1); the defaults are those of AAC-hbr (§3.3.6).</summary>
/// <param name="TicksPerUnit">RTP clock ticks that one access unit lasts.</param>
/// <param name="SizeLength">Bits of AU-size.</param>
/// <param name="IndexLength">Bits of AU-Index. Some cameras do not name it (gortsplib b1674ff9): none, then.</param>
/// <param name="IndexDeltaLength">Bits of AU-Index-delta.</param>
public readonly record struct AacFormat(int TicksPerUnit, int SizeLength = 13, int IndexLength = 3, int IndexDeltaLength = 3);
