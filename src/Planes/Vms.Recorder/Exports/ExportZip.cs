using Vms.Containers.Zip;

namespace Vms.Recorder.Exports;

/// <summary>An export as one ZIP that exists nowhere: headers in memory between the files on the disk. Its length is known and any range of it can be read, so that a
/// download can be gone on with. One caller at a time.</summary>
internal sealed class ExportZip : Stream
{
    private readonly List<(long Start, byte[]? Bytes, string Name, long Length)> _pieces;
    private readonly Func<string, string> _pathOf;
    private FileStream? _file;
    private string _open = "";

    /// <param name="pathOf">Where a file of the export is.</param>
    public ExportZip(ExportState state, Func<string, string> pathOf)
    {
        _pathOf = pathOf;
        _pieces = PiecesOf(state);
        Length = EndOf(_pieces);
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get; set; }

    public static long LengthOf(ExportState state) => EndOf(PiecesOf(state));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.IsEmpty) return 0;
        var (start, bytes, name, length) = _pieces[_pieces.FindLastIndex(p => p.Start <= Position)];
        long into = Position - start;
        int count = (int)Math.Min(buffer.Length, length - into);
        if (bytes is not null)
        {
            bytes.AsMemory((int)into, count).CopyTo(buffer);
        }
        else
        {
            var file = Open(name);
            file.Position = into;
            count = await file.ReadAsync(buffer[..count], cancellationToken);
            if (count == 0) throw new EndOfStreamException($"{name} is shorter than it was");
        }

        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Exports are read asynchronously");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file?.Dispose();
        base.Dispose(disposing);
    }

    private FileStream Open(string name)
    {
        if (_file is not null && _open == name) return _file;
        _file?.Dispose();
        _file = new FileStream(_pathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
        _open = name;
        return _file;
    }

    private static long EndOf(List<(long Start, byte[]? Bytes, string Name, long Length)> pieces) => pieces[^1].Start + pieces[^1].Length;

    private static List<(long Start, byte[]? Bytes, string Name, long Length)> PiecesOf(ExportState state)
    {
        var pieces = new List<(long Start, byte[]? Bytes, string Name, long Length)>();
        var entries = state.Entries.Select(e => new ZipEntry(e.Name, e.Bytes, e.Crc32, state.ExportedAt)).ToList();
        var offsets = new List<long>();
        long at = 0;
        foreach (var entry in entries)
        {
            offsets.Add(at);
            Add(ZipDirectory.LocalHeader(entry), entry.Name, 0);
            Add(null, entry.Name, entry.Bytes);
        }

        Add(ZipDirectory.Directory(entries, offsets, at), "", 0);
        return pieces;

        void Add(byte[]? bytes, string name, long length)
        {
            length = bytes?.Length ?? length;
            if (length > 0) pieces.Add((at, bytes, name, length));
            at += length;
        }
    }
}
