using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Vms.Recorder.Playback;

/// <summary>
/// A <see cref="RecordedBody"/> to read from anywhere: what ASP.NET's range handling wants. Holds one fragment and one open file at a
/// time, and for the sound those beside it. One caller at a time.
/// </summary>
internal sealed class RecordedBodyStream(RecordedBody body, FragmentReader reader) : Stream
{
    private readonly SoundReader? _sound = body.Around.Count > 0 ? new SoundReader(body.Around, reader) : null;
    private SafeFileHandle? _file;
    private string? _path;
    private byte[]? _buffer;
    private SentFragment _loaded;

    /// <summary>How much has been taken from this stream.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => body.Length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= body.Length || buffer.IsEmpty) return 0;

        ReadOnlyMemory<byte> source;
        if (Position < body.Head.Length)
        {
            source = body.Head[(int)Position..];
        }
        else
        {
            if (_buffer is null || Position < _loaded.Start || Position >= _loaded.Start + _loaded.Length)
            {
                await LoadAsync(body.At(Position), cancellationToken);
            }

            source = _buffer.AsMemory(0, _loaded.Length)[(int)(Position - _loaded.Start)..];
        }

        int count = Math.Min(source.Length, buffer.Length);
        source[..count].CopyTo(buffer);
        Position += count;
        BytesRead += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Archive files are read asynchronously");

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ReturnBuffer();
            _file?.Dispose();
            _sound?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask LoadAsync(SentFragment fragment, CancellationToken cancellationToken)
    {
        if (_buffer is null || _buffer.Length < fragment.Length)
        {
            ReturnBuffer();
            _buffer = ArrayPool<byte>.Shared.Rent(fragment.Length);
        }

        _loaded = default;
        if (!fragment.Run.SoundAlone) await LoadStoredAsync(fragment, cancellationToken);
        if (_sound is not null && fragment.Length > fragment.StoredLength)
        {
            var (start, end) = fragment.Run.SoundOf(fragment.Index);
            await _sound.WriteAsync(
                fragment.Run.Sound, start, end, fragment.Patch.FragmentNumber + 1, _buffer.AsMemory(fragment.StoredLength, fragment.Length - fragment.StoredLength),
                cancellationToken);
        }

        _loaded = fragment;
    }

    private async ValueTask LoadStoredAsync(SentFragment fragment, CancellationToken cancellationToken)
    {
        if (_path != fragment.Path)
        {
            _file?.Dispose();
            _file = reader.Open(fragment.Path);
            _path = fragment.Path;
        }

        await reader.ReadAsync(_file!, fragment, _buffer.AsMemory(0, fragment.StoredLength), cancellationToken);
    }

    private void ReturnBuffer()
    {
        if (_buffer is not { } buffer) return;
        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
