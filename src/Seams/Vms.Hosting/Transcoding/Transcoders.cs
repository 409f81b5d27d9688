using System.ComponentModel;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting.Transcoding;

/// <summary>Starts the children that convert, with the first encoder of this machine that works. Any thread.</summary>
public sealed partial class Transcoders(TimeProvider time, ILogger<Transcoders> logger) : IDisposable
{
    /// <summary>A trial on a busy machine.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>How soon to look again for an ffmpeg that was not there.</summary>
    private static readonly TimeSpan s_retry = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _finding = new(1, 1);
    private volatile TranscodeEncoder? _encoder;
    private long? _missingAt;

    /// <summary>The encoder that is used; null when there is none.</summary>
    public async ValueTask<TranscodeEncoder?> FindAsync()
    {
        if (_encoder is { } known)
            return known;
        await _finding.WaitAsync();
        try
        {
            if (_encoder is null && (_missingAt is not { } since || time.GetElapsedTime(since) > s_retry))
                await TryAllAsync();
            return _encoder;
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>It has failed at its work: hardware may refuse what it promised. From now on software does it.</summary>
    public void GiveUp(TranscodeEncoder encoder, string reason)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        if (encoder.IsSoftware || _encoder != encoder)
            return;
        Log.GaveUp(logger, encoder.Name, reason);
        _encoder = TranscodeEncoder.Software;
    }

    public void Dispose() => _finding.Dispose();

    private async Task TryAllAsync()
    {
        string reason = "";
        foreach (var candidate in TranscodeEncoder.Candidates())
        {
            reason = await TryAsync(candidate);
            if (reason.Length > 0)
                continue;
            Log.Using(logger, candidate.Name);
            _encoder = candidate;
            return;
        }

        _missingAt = time.GetTimestamp();
        Log.Missing(logger, reason);
    }

    /// <returns>Why it does not work; empty when it does.</returns>
    private async Task<string> TryAsync(TranscodeEncoder candidate)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        try
        {
            using var child = TranscoderProcess.Start(candidate, candidate.Try());
            child.Input.Close();
            int code = await child.WaitAsync(patience.Token);
            return code == 0 ? "" : $"{candidate.Name}: exit code {code}: {child.Complaint}";
        }
        catch (OperationCanceledException)
        {
            return $"{candidate.Name}: no answer";
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return $"ffmpeg cannot be started: {e.Message}";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6040, LogLevel.Information, "Video that a browser cannot play is converted by ffmpeg with {Encoder}")]
        public static partial void Using(ILogger logger, string encoder);

        [LoggerMessage(6041, LogLevel.Warning, "Video that a browser cannot play is not converted: {Reason}")]
        public static partial void Missing(ILogger logger, string reason);

        [LoggerMessage(6042, LogLevel.Warning, "The encoder {Encoder} failed, libx264 is used from now on: {Reason}")]
        public static partial void GaveUp(ILogger logger, string encoder, string reason);
    }
}
