namespace Vms.Bus;

/// <summary>What a stream holds.</summary>
/// <param name="FirstSeq">The number of its oldest message, or of the next one when it is empty.</param>
public sealed record StreamState(ulong Messages, ulong Bytes, ulong FirstSeq, ulong LastSeq);
