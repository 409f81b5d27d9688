using System.Buffers.Text;

namespace Vms.Recorder.Exports;

/// <summary>What ffmpeg says of its work (<c>-progress</c>): lines of <c>name=value</c>, cut anywhere. Lines that are too long are passed over.</summary>
internal sealed class ConversionProgress
{
    private const int MaxLineBytes = 64;

    private readonly byte[] _line = new byte[MaxLineBytes];
    private int _length;

    /// <summary>Bytes of the file so far.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Pictures so far.</summary>
    public long Pictures { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b == '\n')
            {
                if (_length < MaxLineBytes) Read(_line.AsSpan(0, _length));
                _length = 0;
            }
            else if (_length < MaxLineBytes)
            {
                _line[_length++] = b;
            }
        }
    }

    private void Read(ReadOnlySpan<byte> line)
    {
        int equals = line.IndexOf((byte)'=');
        if (equals < 0 || !Utf8Parser.TryParse(line[(equals + 1)..].TrimStart((byte)' '), out long value, out _)) return;
        if (line[..equals].SequenceEqual("total_size"u8)) TotalBytes = value;
        else if (line[..equals].SequenceEqual("frame"u8)) Pictures = value;
    }
}
