using System.Net.Sockets;
using Vms.Native.Sockets;
using Vms.Testing.Footage;

namespace Vms.LiveLoad;

/// <summary>One viewer: takes what comes, finds the stamps of the frames in it, and throws it away. One thread.</summary>
internal abstract class Viewer : IDisposable
{
    /// <summary>A stamp stands in the SEI at a frame's beginning.</summary>
    protected const int StampWithin = 1024;

    private uint _last;

    /// <summary>What is polled.</summary>
    public abstract Socket Socket { get; }

    /// <summary>Why it plays no more; null while all is well.</summary>
    public string? Failure { get; protected set; }

    /// <summary>Whole frames since the window began.</summary>
    public int Frames { get; private set; }

    /// <summary>Frame numbers that never came.</summary>
    public int Missed { get; private set; }

    /// <summary>From the camera's write to the last byte here, milliseconds.</summary>
    public List<float> DelaysMs { get; } = new(8192);

    public bool Plays => _last != 0;

    /// <summary>There is something to read.</summary>
    public abstract void Receive();

    /// <summary>Some ten times a second.</summary>
    public virtual void Tick()
    {
    }

    /// <summary>The window begins now.</summary>
    public void Clear()
    {
        Frames = 0;
        Missed = 0;
        DelaysMs.Clear();
    }

    /// <summary>Tells the server that it leaves.</summary>
    public virtual void Leave()
    {
    }

    public virtual void Dispose() => Socket.Dispose();

    protected void Count(in FrameStamp stamp)
    {
        uint step = stamp.Frame - _last;
        if (_last != 0 && step is > 1 and < 10_000)
            Missed += (int)step - 1;
        _last = stamp.Frame;
        Frames++;
        DelaysMs.Add((FrameStamp.NowNs - stamp.SentNs) / 1e6f);
    }

    /// <returns>Bytes, or 0 when there is nothing more now, or the connection has ended (then <see cref="Failure"/> says so).</returns>
    protected int Read(Span<byte> room)
    {
        int read = LinuxStreamSocket.Receive(Socket, room);
        if (read > 0)
            return read;
        if (read == 0)
            Failure = "the server closed the connection";
        else if (read == LinuxStreamSocket.Failed)
            Failure = "the connection broke";
        return 0;
    }
}
