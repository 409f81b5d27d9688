using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Vms.Hosting;
using Vms.Media.Ingest.Rtsp;
using Vms.Native.Sockets;

namespace Vms.Media.Ingest;

/// <summary>
/// One thread that receives for many cameras: wait for readiness, one pass over what is ready, a short nap in which bytes gather.
/// It never blocks on anything else, never logs and never touches a disk.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class IngestThread : IDisposable
{
    private const int MaxReadsPerSocket = 8;        // per pass; what is left is ready again at the next one
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_idleWait = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly IngestOptions _options;
    private readonly Progress _progress;
    private readonly ReadinessPoller _poller = new();
    private readonly DatagramBatch _datagrams = new();
    private readonly ConcurrentQueue<Action<IngestTime>> _commands = new();
    private readonly List<Source?> _sources = [];
    private readonly Stack<int> _freeTokens = new();
    private readonly List<Driven> _driven = [];
    private readonly List<Connecting> _connecting = [];
    private readonly List<Driven> _touched = [];
    private readonly Thread _thread;
    private volatile bool _stop;
    private TimeSpan _nap;
    private int _load;

    public IngestThread(int number, IngestOptions options, TimeProvider clock, ProgressMonitor progress)
    {
        _clock = clock;
        _options = options;
        _nap = options.Nap;
        _progress = progress.Register($"ingest {number}");
        _thread = new Thread(Run) { IsBackground = true, Name = $"ingest {number}" };
    }

    /// <summary>Sessions it looks after.</summary>
    public int Load => Volatile.Read(ref _load);

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stop = true;
        _poller.Wake();
        if (_thread.IsAlive)
            _thread.Join();
        _progress.Dispose();
        _poller.Dispose();
        _datagrams.Dispose();
    }

    private enum SourceKind
    {
        Connecting,
        Control,
        Rtp,
        Rtcp,
    }

    private sealed record Source(SourceKind Kind, Socket Socket, Driven? Driven, Connecting? Connecting)
    {
        public int Track { get; init; }
    }

    private sealed record Connecting(Socket Socket, TimeSpan Deadline, TaskCompletionSource<SocketError> Result)
    {
        public int Token { get; set; }
    }

    private sealed record Driven(RtspMediaSession Session, TaskCompletionSource Done)
    {
        public List<int> Tokens { get; } = [];

        public bool Touched { get; set; }
    }

    private void Run()
    {
        var nextTick = TimeSpan.Zero;
        while (!_stop)
        {
            int ready = _poller.Wait(_driven.Count + _connecting.Count > 0 ? s_tick : s_idleWait);
            var now = IngestTime.Now(_clock);
            bool received = false;
            for (int i = 0; i < ready; i++)
            {
                if (_poller.Event(i, out ulong token, out var readiness) && _sources[(int)token] is { } source)
                    received |= Handle(source, readiness, now);
            }

            while (_commands.TryDequeue(out var command))
                command(now);
            if (now.Monotonic >= nextTick)
            {
                nextTick = now.Monotonic + s_tick;
                Tick(now);
            }

            EndPass();
            _progress.Beat();
            if (received)
                ReadinessPoller.Nap(_nap);
        }

        foreach (var connecting in _connecting)
            connecting.Result.TrySetResult(SocketError.OperationAborted);
        var end = IngestTime.Now(_clock);
        foreach (var driven in _driven)
            driven.Session.Stop(end);
        EndPass();
        Reap();
    }

    /// <returns>True when bytes came: more of them will, soon.</returns>
    private bool Handle(Source source, Readiness readiness, in IngestTime now)
    {
        if (source.Kind == SourceKind.Connecting)
        {
            Connected(source.Connecting!, ErrorOf(source.Socket));
            return false;
        }

        var driven = source.Driven!;
        if (driven.Session.End is not null)
            return false;
        if (!driven.Touched)
        {
            driven.Touched = true;
            _touched.Add(driven);
        }

        try
        {
            if (source.Kind == SourceKind.Control)
                ReceiveControl(driven.Session, now);
            else
                ReceiveDatagrams(source, now);
        }
        catch (Exception e)
        {
            driven.Session.Break(e);
        }

        return (readiness & Readiness.Readable) != 0;
    }

    private static void ReceiveControl(RtspMediaSession session, in IngestTime now)
    {
        for (int i = 0; i < MaxReadsPerSocket && session.End is null; i++)
        {
            var space = session.ReceiveSpace.Span;
            int received = LinuxStreamSocket.Receive(session.Control.Socket, space);
            if (received > 0)
                session.ControlReceived(received, now);
            else if (received == 0)
                session.ControlClosed(SocketError.Success);
            else if (received == LinuxStreamSocket.Failed)
                session.ControlClosed(SocketError.ConnectionReset);

            if (received < space.Length)
                return;
        }
    }

    private void ReceiveDatagrams(Source source, in IngestTime now)
    {
        var session = source.Driven!.Session;
        for (int i = 0; i < MaxReadsPerSocket; i++)
        {
            int count = _datagrams.Receive(source.Socket);
            for (int d = 0; d < count; d++)
            {
                if (source.Kind == SourceKind.Rtp)
                    session.RtpReceived(source.Track, _datagrams.Datagram(d), _datagrams.SourceAddress(d), now);
                else
                    session.RtcpReceived(source.Track, _datagrams.Datagram(d), _datagrams.SourceAddress(d), now);
            }

            // -1 is an ICMP answer to a datagram of ours (no RTCP port open there): the read has cleared it.
            if (count < DatagramBatch.Capacity)
                return;
        }
    }

    private void Tick(in IngestTime now)
    {
        for (int i = _connecting.Count - 1; i >= 0; i--)
        {
            if (now.Monotonic >= _connecting[i].Deadline)
                Connected(_connecting[i], SocketError.TimedOut);
        }

        bool urgent = false;
        bool settled = true;
        foreach (var driven in _driven)
        {
            try
            {
                driven.Session.Tick(now);
            }
            catch (Exception e)
            {
                driven.Session.Break(e);
            }

            driven.Session.EndPass();
            urgent |= driven.Session.IsUrgent;
            settled &= driven.Session.IsSettled(now);
        }

        _nap = urgent ? _options.Nap : settled ? _options.SettledNap : _options.UnwatchedNap;
        Reap();
    }

    private void EndPass()
    {
        bool ended = false;
        foreach (var driven in _touched)
        {
            driven.Touched = false;
            driven.Session.EndPass();
            ended |= driven.Session.End is not null;
        }

        _touched.Clear();
        if (ended)
            Reap();
    }

    /// <summary>Lets go of sessions that have ended.</summary>
    private void Reap()
    {
        for (int i = _driven.Count - 1; i >= 0; i--)
        {
            var driven = _driven[i];
            if (driven.Session.End is null)
                continue;

            foreach (int token in driven.Tokens)
                Remove(token);
            _driven.RemoveAt(i);
            Interlocked.Decrement(ref _load);
            driven.Done.TrySetResult();
        }
    }

    private static SocketError ErrorOf(Socket socket)
    {
        int error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return (SocketError)error;
    }

    private int Add(Source source, bool connecting)
    {
        if (!_freeTokens.TryPop(out int token))
        {
            token = _sources.Count;
            _sources.Add(null);
        }

        try
        {
            _poller.Add(source.Socket, (ulong)token, connecting);
        }
        catch
        {
            _freeTokens.Push(token);
            throw;
        }

        _sources[token] = source;
        return token;
    }

    private void Remove(int token)
    {
        _poller.Remove(_sources[token]!.Socket);
        _sources[token] = null;
        _freeTokens.Push(token);
    }

    private void Connected(Connecting connecting, SocketError result)
    {
        Remove(connecting.Token);
        _connecting.Remove(connecting);
        connecting.Result.TrySetResult(result);
    }

    private void Command(Action<IngestTime> command)
    {
        _commands.Enqueue(command);
        _poller.Wake();
    }
}
