namespace Vms.Bus;

/// <summary>The server has stored the message.</summary>
/// <param name="Stream">Where.</param>
/// <param name="Sequence">Its number in the stream.</param>
/// <param name="Duplicate">The message id was stored before; <paramref name="Sequence"/> is the first one's.</param>
public readonly record struct PublishAck(string Stream, ulong Sequence, bool Duplicate);
