namespace Vms.Bus;

/// <summary>A server that the bus is connected to.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Id">Its own word for this life: another one each time it is started. Empty: it says none.</param>
public sealed record BusServer(string Address, string Id);
