using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Vms.Hosting;

/// <summary>
/// Writes lines to a stream through a bounded queue and a thread of its own. A reader that stopped or a full pipe never stops
/// the caller: what does not fit is dropped, counted and said when there is room again (docs/design/runtime.md).
/// </summary>
public sealed class BoundedLineWriter : IDisposable
{
    /// <summary>Lines waiting; at some 200 bytes a line less than 2 MiB.</summary>
    private const int QueueLines = 8192;

    /// <summary>A longer line is cut: a log line is no place for a document.</summary>
    private const int MaxLineLength = 4096;

    private readonly string _process;
    private readonly TimeProvider _time;
    private readonly Stream _output;
    private readonly Channel<string> _queue;
    private readonly Thread _writer;
    private long _dropped;

    /// <param name="process">Who says that lines were dropped.</param>
    /// <param name="output">Owned.</param>
    public BoundedLineWriter(string process, TimeProvider time, Stream output)
    {
        _process = process;
        _time = time;
        _output = output;
        _queue = Channel.CreateBounded<string>(
            new BoundedChannelOptions(QueueLines) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
        _writer = new Thread(Run) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Lines lost because the output was not read fast enough.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void WriteLine(string line) => _queue.Writer.TryWrite(line);

    /// <summary>Time stamp of a log line: UTC, ISO 8601, milliseconds.</summary>
    public string Timestamp() => _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _writer.Join(TimeSpan.FromSeconds(1));
        _output.Dispose();
    }

    private void Run()
    {
        var reader = _queue.Reader;
        long reported = 0;
        var buffer = new byte[Encoding.UTF8.GetMaxByteCount(MaxLineLength + 1)];
        try
        {
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (reader.TryRead(out var line))
                    Put(line, buffer);
                if (Dropped is var dropped && dropped > reported)
                {
                    Put($"{Timestamp()} WRN {_process} Log: {dropped - reported} lines dropped, the output was not read", buffer);
                    reported = dropped;
                }

                _output.Flush();
            }
        }
        catch (IOException)
        {
            // Nobody reads any more (the supervisor died): keep the queue empty, the lifeline ends the process.
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (reader.TryRead(out _))
                    Interlocked.Increment(ref _dropped);
            }
        }
    }

    private void Put(string line, byte[] buffer)
    {
        var length = Encoding.UTF8.GetBytes(line.AsSpan(0, Math.Min(line.Length, MaxLineLength)), buffer);
        buffer[length++] = (byte)'\n';
        _output.Write(buffer, 0, length);
    }
}
