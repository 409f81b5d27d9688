namespace Vms.Native.Files;

/// <summary>The file system cannot hold a file of the asked size. Nothing was left behind.</summary>
public sealed class NoSpaceException(string path, long neededBytes, long availableBytes) : IOException(
    $"{Path.GetDirectoryName(path)} has {availableBytes:N0} bytes available, {Path.GetFileName(path)} needs {neededBytes:N0}.")
{
    public long NeededBytes { get; } = neededBytes;

    public long AvailableBytes { get; } = availableBytes;
}
