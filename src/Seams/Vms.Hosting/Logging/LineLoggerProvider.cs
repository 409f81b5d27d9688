using System.Text;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>One line a message: time, level, process, category, text. Never blocks (<see cref="BoundedLineWriter"/>).</summary>
/// <param name="process">Stands in every line.</param>
/// <param name="lines">Borrowed: others may write to it too.</param>
public sealed class LineLoggerProvider(string process, BoundedLineWriter lines) : ILoggerProvider
{
    private readonly string _process = process;
    private readonly BoundedLineWriter _lines = lines;

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = new StringBuilder(256)
                .Append(provider._lines.Timestamp()).Append(' ').Append(Level(logLevel)).Append(' ')
                .Append(provider._process).Append(' ').Append(category).Append(": ").Append(formatter(state, exception));
            if (exception is not null)
                text.Append(" | ").Append(logLevel >= LogLevel.Error ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message}");
            // One message stays one line: nobody can forge a second one through a camera's answer.
            provider._lines.WriteLine(text.Replace("\r", "").Replace("\n", " ⏎ ").ToString());
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
