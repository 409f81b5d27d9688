using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Hosting;

namespace Vms.Ai.Crashes;

/// <summary>
/// What ended the process when it was dealt with: streams that were decoded, models that were run. After <see cref="Patience"/> times in a row it is left out for a
/// while, longer each time, so that it does not take the others down again and again. Kept on disk. Any thread.
/// </summary>
/// <remarks>Several threads may be at work when the process ends, and all that they deal with is suspected. From then on suspects are dealt with one at a time, so that
/// the next end names the one that it was.</remarks>
internal abstract partial class CrashBook : IDisposable
{
    internal const int Patience = 3;

    private const int MaxNames = 1024;

    /// <summary>What is dealt with for so long has nothing to do with it.</summary>
    private static readonly TimeSpan s_innocent = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(6);

    private readonly string _path;
    private readonly Suspects _suspects;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Crash> _crashes;
    private readonly CrashNotes _notes;
    private bool _isStoreFailureLogged;

    /// <param name="notes">Name of the file that says what is being dealt with, in the state directory; likewise <paramref name="crashes"/>, which counts.</param>
    /// <param name="suspects">Of all books: it is one process that ends.</param>
    protected CrashBook(PlaneOptions options, string notes, string crashes, Suspects suspects, TimeProvider time, ILogger logger)
    {
        PrivateFiles.CreateDirectory(options.StateDirectory);
        (_path, _suspects, _time, _logger) = (Path.Combine(options.StateDirectory, crashes), suspects, time, logger);
        _crashes = Load();
        _notes = new CrashNotes(Path.Combine(options.StateDirectory, notes), out var left);
        foreach (string name in left)
        {
            int count = (_crashes.GetValueOrDefault(name)?.Count ?? 0) + 1;
            var wait = count < Patience ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(s_longest.Ticks, s_first.Ticks << Math.Min(10, count - Patience)));
            _crashes[name] = new Crash(count, time.GetUtcNow() + wait);
        }

        if (left.Count > 0)
            Store();
        Ends = [.. left.Select(name => new CrashEnd(name, _crashes[name].Count, _crashes[name].Count < Patience ? null : _crashes[name].Until))];
    }

    /// <summary>What may have ended the process before this one.</summary>
    internal IReadOnlyList<CrashEnd> Ends { get; }

    /// <summary>Until when it is left out; null when it is not.</summary>
    internal DateTimeOffset? LeftOutUntil(string name)
    {
        lock (_gate)
            return _crashes.GetValueOrDefault(name) is { Count: >= Patience } crash && crash.Until > _time.GetUtcNow() ? crash.Until : null;
    }

    /// <summary>Notes down that it is being dealt with, by this thread, which says so when it has come through. Where something is thrown that ends the process, nobody does.</summary>
    internal Dealing Begin(string name)
    {
        bool isAlone = IsSuspect(name) && _suspects.TryEnter(_time);
        return new Dealing(_notes, _notes.Begin(name), isAlone ? _suspects : null);
    }

    /// <summary>The operator changed something.</summary>
    internal void Forgive(string name)
    {
        lock (_gate)
        {
            if (_crashes.Remove(name))
                Store();
        }
    }

    public void Dispose() => _notes.Dispose();

    private bool IsSuspect(string name)
    {
        lock (_gate)
        {
            if (!_crashes.TryGetValue(name, out Crash? crash))
                return false;
            crash.Since ??= _time.GetTimestamp();
            if (_time.GetElapsedTime(crash.Since.Value) < s_innocent)
                return true;
            _crashes.Remove(name);
            Store();
            return false;
        }
    }

    private Dictionary<string, Crash> Load()
    {
        try
        {
            var stored = File.Exists(_path) ? JsonSerializer.Deserialize<Dictionary<string, Crash>>(File.ReadAllBytes(_path)) : null;
            return stored is null ? [] : new Dictionary<string, Crash>(stored.Take(MaxNames), StringComparer.Ordinal);
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

    private sealed record Crash(int Count, DateTimeOffset Until)
    {
        /// <summary>When this process dealt with it first.</summary>
        [JsonIgnore]
        public long? Since { get; set; }
    }

    /// <summary>Something that is being dealt with.</summary>
    internal readonly ref struct Dealing(CrashNotes notes, int place, Suspects? alone)
    {
        internal void End()
        {
            notes.End(place);
            alone?.Exit();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4042, LogLevel.Warning, "{File} cannot be written ({Reason}): after a restart what ended the process is counted from what it says; analysis goes on")]
        public static partial void NotStored(ILogger logger, string file, string reason);
    }
}

/// <param name="Count">Ends in a row.</param>
/// <param name="LeftOutUntil">Null: it is dealt with again.</param>
internal sealed record CrashEnd(string Name, int Count, DateTimeOffset? LeftOutUntil);
