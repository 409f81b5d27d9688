namespace Vms.Hosting;

/// <summary>This life of the process: by it control sees that a plane was started anew, also when it was away for less than control asks.</summary>
public static class PlaneInstance
{
    public static string Id { get; } = Guid.NewGuid().ToString("N");
}
