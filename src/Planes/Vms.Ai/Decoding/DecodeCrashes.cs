using System.Text.Json;
using Vms.Hosting;

namespace Vms.Ai.Decoding;

/// <summary>
/// Streams whose decoding ended the process. After <see cref="Patience"/> times in a row a stream is left out for a while, longer each time, so that it does
/// not take the others down again and again. Kept on disk. Any thread.
/// </summary>
internal sealed partial class DecodeCrashes : IDisposable
{
    internal const int Patience = 3;

    /// <summary>A stream that is decoded for so long has nothing to do with it.</summary>
    internal static readonly TimeSpan Innocent = TimeSpan.FromSeconds(60);

    private const int MaxStreams = 1024;
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(6);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Crash> _crashes;
    private bool _isStoreFailureLogged;

    public DecodeCrashes(PlaneOptions options, TimeProvider time, ILogger<DecodeCrashes> logger)
    {
        PrivateFiles.CreateDirectory(options.StateDirectory);
        (_path, _time, _logger) = (Path.Combine(options.StateDirectory, "analysis-crashes.json"), time, logger);
        _crashes = Load();
        Notes = new DecodeNotes(Path.Combine(options.StateDirectory, "analysis-decoding.notes"), out var left);
        foreach (string stream in left)
        {
            int count = (_crashes.GetValueOrDefault(stream)?.Count ?? 0) + 1;
            var wait = count < Patience ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(s_longest.Ticks, s_first.Ticks << Math.Min(10, count - Patience)));
            _crashes[stream] = new Crash(count, time.GetUtcNow() + wait);
            if (count < Patience)
                Log.Ended(logger, stream, count);
            else
                Log.LeftOut(logger, stream, count, wait);
        }

        if (left.Count > 0)
            Store();
    }

    internal DecodeNotes Notes { get; }

    /// <summary>Until when a stream is left out; null when it is not.</summary>
    internal DateTimeOffset? LeftOutUntil(string stream)
    {
        lock (_gate)
            return _crashes.GetValueOrDefault(stream) is { Count: >= Patience } crash && crash.Until > _time.GetUtcNow() ? crash.Until : null;
    }

    /// <summary>It was decoded for long enough, or the operator changed something.</summary>
    internal void Forgive(string stream)
    {
        lock (_gate)
        {
            if (_crashes.Remove(stream))
                Store();
        }
    }

    public void Dispose() => Notes.Dispose();

    private Dictionary<string, Crash> Load()
    {
        try
        {
            var stored = File.Exists(_path) ? JsonSerializer.Deserialize<Dictionary<string, Crash>>(File.ReadAllBytes(_path)) : null;
            return stored is null ? [] : new Dictionary<string, Crash>(stored.Take(MaxStreams), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return [];      // begins to count anew
        }
    }

    private void Store()
    {
        try
        {
            PrivateFiles.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(_crashes));
            _isStoreFailureLogged = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isStoreFailureLogged)
                Log.NotStored(_logger, _path, e.Message);
            _isStoreFailureLogged = true;
        }
    }

    private sealed record Crash(int Count, DateTimeOffset Until);

    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Warning, "The process ended while {Stream} was decoded, for the {Count}. time in a row; it is decoded again")]
        public static partial void Ended(ILogger logger, string stream, int count);

        [LoggerMessage(4041, LogLevel.Error, "The process ended while {Stream} was decoded, for the {Count}. time in a row; the stream is left out for {Wait}, the others go on")]
        public static partial void LeftOut(ILogger logger, string stream, int count, TimeSpan wait);

        [LoggerMessage(4042, LogLevel.Warning, "{File} cannot be written ({Reason}): after a restart streams whose decoding ended the process are counted from what it says; analysis goes on")]
        public static partial void NotStored(ILogger logger, string file, string reason);
    }
}
