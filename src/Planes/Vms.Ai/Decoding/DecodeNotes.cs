using System.IO.MemoryMappedFiles;
using System.Text;

namespace Vms.Ai.Decoding;

/// <summary>
/// Which streams are being decoded at this moment, in memory that the end of the process leaves on disk: whoever starts next reads there whose bytes may
/// have ended it. A place for each decoding thread; costs two stores a picture.
/// </summary>
internal sealed class DecodeNotes : IDisposable
{
    internal const int MaxPlaces = 64;

    private const int PlaceBytes = 256;
    private const int LengthAt = 1;
    private const int NameAt = 2;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string?[] _names = new string?[MaxPlaces];

    /// <param name="left">The streams that were being decoded when the process before this one ended.</param>
    internal DecodeNotes(string path, out IReadOnlyList<string> left)
    {
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), mapName: null, MaxPlaces * PlaceBytes, MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, MaxPlaces * PlaceBytes);
        var found = new List<string>();
        for (int place = 0; place < MaxPlaces; place++)
        {
            if (_view.ReadByte(place * PlaceBytes) == 0)
                continue;
            var name = new byte[Math.Min((int)_view.ReadByte((place * PlaceBytes) + LengthAt), PlaceBytes - NameAt)];
            _view.ReadArray((place * PlaceBytes) + NameAt, name, 0, name.Length);
            found.Add(Encoding.ASCII.GetString(name));
            _view.Write(place * PlaceBytes, (byte)0);
        }

        left = [.. found.Where(n => n.Length > 0).Distinct()];
    }

    /// <param name="place">Of the thread, below <see cref="MaxPlaces"/>.</param>
    internal void Begin(int place, string stream)
    {
        if (!ReferenceEquals(_names[place], stream))
        {
            byte[] name = Encoding.ASCII.GetBytes(stream);
            int length = Math.Min(name.Length, PlaceBytes - NameAt);
            _view.Write((place * PlaceBytes) + LengthAt, (byte)length);
            _view.WriteArray((place * PlaceBytes) + NameAt, name, 0, length);
            _names[place] = stream;
        }

        _view.Write(place * PlaceBytes, (byte)1);
    }

    internal void End(int place) => _view.Write(place * PlaceBytes, (byte)0);

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
