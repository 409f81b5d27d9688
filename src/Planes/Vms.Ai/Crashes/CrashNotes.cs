using System.IO.MemoryMappedFiles;
using System.Text;

namespace Vms.Ai.Crashes;

/// <summary>
/// What the process deals with at this moment that may end it, in memory that the end of the process leaves on disk: whoever starts next reads there what may
/// have ended it. Costs a name and two bytes each time. Any thread.
/// </summary>
internal sealed class CrashNotes : IDisposable
{
    /// <summary>So many at a time are noted: threads that decode and that run models.</summary>
    private const int MaxPlaces = 128;

    private const int None = -1;
    private const int PlaceBytes = 256;
    private const int LengthAt = 1;
    private const int NameAt = 2;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Lock _gate = new();
    private readonly bool[] _taken = new bool[MaxPlaces];
    private readonly byte[] _name = new byte[PlaceBytes - NameAt];
    private bool _ended;

    /// <param name="left">What was being dealt with when the process before this one ended.</param>
    internal CrashNotes(string path, out IReadOnlyList<string> left)
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
            int length = Math.Min((int)_view.ReadByte((place * PlaceBytes) + LengthAt), _name.Length);
            _view.ReadArray((place * PlaceBytes) + NameAt, _name, 0, length);
            found.Add(Encoding.ASCII.GetString(_name, 0, length));
            _view.Write(place * PlaceBytes, (byte)0);
        }

        left = [.. found.Where(n => n.Length > 0).Distinct()];
    }

    /// <param name="name">ASCII; what is too long is cut off.</param>
    /// <returns>Where it stands, for <see cref="End"/>.</returns>
    internal int Begin(string name)
    {
        lock (_gate)
        {
            int place = _ended ? None : Array.IndexOf(_taken, false);
            if (place == None)
                return None;
            _taken[place] = true;
            int length = Encoding.ASCII.GetBytes(name.AsSpan(0, Math.Min(name.Length, _name.Length)), _name);
            _view.Write((place * PlaceBytes) + LengthAt, (byte)length);
            _view.WriteArray((place * PlaceBytes) + NameAt, _name, 0, length);
            _view.Write(place * PlaceBytes, (byte)1);
            return place;
        }
    }

    internal void End(int place)
    {
        if (place == None)
            return;
        lock (_gate)
        {
            if (_ended)
                return;
            _view.Write(place * PlaceBytes, (byte)0);
            _taken[place] = false;
        }
    }

    /// <summary>The process ends because it is told to: what a thread still deals with has nothing to do with it. Nothing is noted from then on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
            for (int place = 0; place < MaxPlaces; place++)
                _view.Write(place * PlaceBytes, (byte)0);
            _view.Dispose();
            _file.Dispose();
        }
    }
}
