namespace Vms.Bus;

/// <summary>Connecting → Connected → Disconnected → Connecting …; Closed is the end.</summary>
public enum BusState
{
    /// <summary>Not connected, and no attempt runs: before the first one, or waiting for the next.</summary>
    Disconnected,
    Connecting,
    Connected,
    Closed,
}
