using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>
/// Writes one line a message to stdout through a bounded queue and a thread of its own. A stopped supervisor or a full pipe
/// never stops a plane: what does not fit is dropped, counted and said when there is room again (docs/design/runtime.md).
/// </summary>
public sealed class LineLoggerProvider : ILoggerProvider
{
    /// <summary>Lines waiting for stdout; at some 200 bytes a line less than 2 MiB.</summary>
    private const int QueueLines = 8192;

    /// <summary>A longer message is cut: a log line is no place for a document.</summary>
    private const int MaxLineLength = 4096;

    private readonly string _process;
    private readonly TimeProvider _time;
    private readonly Stream _output;
    private readonly Channel<string> _queue;
    private readonly Thread _writer;
    private long _dropped;

    /// <param name="process">Stands in every line.</param>
    /// <param name="output">Owned.</param>
    public LineLoggerProvider(string process, TimeProvider time, Stream output)
    {
        _process = process;
        _time = time;
        _output = output;
        _queue = Channel.CreateBounded<string>(
            new BoundedChannelOptions(QueueLines) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Lines lost because stdout was not read fast enough.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _writer.Join(TimeSpan.FromSeconds(1));
        _output.Dispose();
    }

    private void Enqueue(string line) => _queue.Writer.TryWrite(line);

    private void Write()
    {
        var reader = _queue.Reader;
        long reported = 0;
        var buffer = new byte[Encoding.UTF8.GetMaxByteCount(MaxLineLength + 1)];
        try
        {
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (reader.TryRead(out var line))
                    WriteLine(line, buffer);
                if (Dropped is var dropped && dropped > reported)
                {
                    WriteLine($"{Timestamp()} WRN {_process} Log: {dropped - reported} lines dropped, stdout was not read", buffer);
                    reported = dropped;
                }

                _output.Flush();
            }
        }
        catch (IOException)
        {
            // Nobody reads any more (the supervisor died): drain the queue so that it stays empty, the lifeline ends the process.
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (reader.TryRead(out _))
                    Interlocked.Increment(ref _dropped);
            }
        }
    }

    private void WriteLine(string line, byte[] buffer)
    {
        var length = Encoding.UTF8.GetBytes(line.AsSpan(0, Math.Min(line.Length, MaxLineLength)), buffer);
        buffer[length++] = (byte)'\n';
        _output.Write(buffer, 0, length);
    }

    private string Timestamp() => _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = new StringBuilder(256)
                .Append(provider.Timestamp()).Append(' ').Append(Level(logLevel)).Append(' ')
                .Append(provider._process).Append(' ').Append(category).Append(": ").Append(formatter(state, exception));
            if (exception is not null)
                text.Append(" | ").Append(logLevel >= LogLevel.Error ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message}");
            // One message stays one line: nobody can forge a second one through a camera's answer.
            provider.Enqueue(text.Replace("\r", "").Replace("\n", " ⏎ ").ToString());
        }

        private static string Level(LogLevel level) => level switch
        {
            LogLevel.Trace => "TRC",
            LogLevel.Debug => "DBG",
            LogLevel.Information => "INF",
            LogLevel.Warning => "WRN",
            LogLevel.Error => "ERR",
            _ => "CRT",
        };
    }
}
