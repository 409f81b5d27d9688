namespace Vms.Media.Snapshots;

/// <summary>The picture that says that there is none: grey, a crossed-out camera and the words "No picture". Nobody takes it for footage.</summary>
internal static class Placeholder
{
    public static ReadOnlyMemory<byte> Jpeg { get; } = Load();

    private static byte[] Load()
    {
        using var stream = typeof(Placeholder).Assembly.GetManifestResourceStream("Vms.Media.Snapshots.no-picture.jpg")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
