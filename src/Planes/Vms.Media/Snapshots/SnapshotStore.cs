using System.Collections.Concurrent;
using Vms.Hosting.Decoding;
using Vms.Media.Streams;

namespace Vms.Media.Snapshots;

/// <summary>What is shown for a camera now.</summary>
/// <param name="Jpeg">A whole file.</param>
/// <param name="CapturedAt">When the camera saw it; null for a placeholder.</param>
/// <param name="Missing">Null for a picture; else why there is none: <see cref="SnapshotStore.NoVideo"/>, <see cref="SnapshotStore.Undecodable"/>,
/// <see cref="SnapshotStore.TooOld"/>.</param>
internal sealed record Snapshot(ReadOnlyMemory<byte> Jpeg, DateTimeOffset? CapturedAt, string? Missing, string? Detail);

/// <summary>Snapshots of live streams, each made once a second at most, whoever asks. Any thread.</summary>
internal sealed class SnapshotStore(PictureDecoding decoding, TimeProvider time)
{
    public const string NoVideo = "noVideo";
    public const string Undecodable = "undecodable";

    /// <summary>The stream log does not reach back so far.</summary>
    public const string TooOld = "tooOld";

    public const int DefaultWidth = 1920;

    private const int Quality = 82;

    /// <summary>A stream that ended so long before a moment does not show how it looked then.</summary>
    private static readonly TimeSpan s_near = TimeSpan.FromSeconds(5);

    /// <summary>Widths are rounded up to a multiple, so that a window that is being resized does not fill the store.</summary>
    private const int WidthStep = 32;

    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    /// <summary>A camera that is away is not asked for anew with every look at the page.</summary>
    private static readonly TimeSpan s_freshPlaceholder = TimeSpan.FromSeconds(5);

    /// <summary>An older keyframe does not show how it looks now.</summary>
    private static readonly TimeSpan s_oldest = TimeSpan.FromSeconds(30);

    /// <summary>For a stream that is pulled on demand to bring its first keyframe.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>For the first picture after a moment that is past.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<(LiveStream Stream, int Width), (Task<Snapshot> Taken, long At)> _taken = new();

    /// <param name="width">Greatest width, 16..8192; the picture keeps its shape and is never enlarged.</param>
    public async Task<Snapshot> TakeAsync(LiveStream stream, int width)
    {
        var key = (stream, (width + WidthStep - 1) / WidthStep * WidthStep);
        if (_taken.TryGetValue(key, out var entry))
        {
            var known = await entry.Taken;
            if (time.GetElapsedTime(entry.At) < (known.Missing is null ? s_fresh : s_freshPlaceholder))
                return known;
            _taken.TryRemove(KeyValuePair.Create(key, entry));
        }

        ForgetOld();
        // Whoever comes first makes it, the others wait for the same.
        var making = new TaskCompletionSource<Snapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = (making.Task, time.GetTimestamp());
        var (shared, _) = _taken.GetOrAdd(key, mine);
        if (shared != making.Task)
            return await shared;
        try
        {
            making.SetResult(await MakeAsync(stream, key.Item2));
            _taken.TryUpdate(key, (making.Task, time.GetTimestamp()), mine);
        }
        catch (Exception e)
        {
            _taken.TryRemove(KeyValuePair.Create(key, mine));
            making.SetException(e);
        }

        return await making.Task;
    }

    /// <summary>How it looked at a moment, as far as the stream log reaches back.</summary>
    /// <param name="until">Where that has nothing of the moment, the stream is pulled for the first picture after it, which counts when it was captured until then; it
    /// is waited for some seconds at most. Null: it is not pulled for this.</param>
    public async Task<Snapshot> TakeAtAsync(LiveStream stream, DateTimeOffset moment, int width, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var snapshot = await InTimeAsync(stream, moment, width, cancellationToken);
        return snapshot.Missing is NoVideo or TooOld && until > moment && await FirstAfterAsync(stream, moment, until.Value, cancellationToken) is { } late
            ? await ToSnapshotAsync(late, width, cancellationToken)
            : snapshot;
    }

    private async Task<Snapshot> InTimeAsync(LiveStream stream, DateTimeOffset moment, int width, CancellationToken cancellationToken)
    {
        if (LoggedPictures.UpTo(stream, moment) is not { CapturedUs: { } capturedUs } pictures)
        {
            return LoggedKeyframe.Newest(stream) is null
                ? new Snapshot(Placeholder.Jpeg, null, NoVideo, "The stream has sent no picture.")
                : new Snapshot(Placeholder.Jpeg, null, TooOld, "What is kept of the stream here begins later.");
        }

        var capturedAt = DateTimeOffset.UnixEpoch.AddMicroseconds(capturedUs);
        if (moment - capturedAt > s_near)
            return new Snapshot(Placeholder.Jpeg, null, NoVideo, "The stream was not connected then.");
        try
        {
            var picture = await decoding.ToJpegOfLastAsync(pictures.Codec, pictures.Units, width, Quality, cancellationToken);
            return new Snapshot(picture.Bytes, capturedAt, null, null);
        }
        catch (PictureException e)
        {
            return new Snapshot(Placeholder.Jpeg, null, Undecodable, e.Message);
        }
    }

    private async Task<LoggedKeyframe?> FirstAfterAsync(LiveStream stream, DateTimeOffset moment, DateTimeOffset until, CancellationToken cancellationToken)
    {
        using var demand = stream.Demand();
        var started = time.GetTimestamp();
        while (true)
        {
            if (LoggedKeyframe.FirstAfter(stream, moment) is { } keyframe)
                return keyframe.CapturedAt <= until ? keyframe : null;
            if (time.GetUtcNow() > until || time.GetElapsedTime(started) > s_longestWait)
                return null;
            await Task.Delay(s_look, time, cancellationToken);
        }
    }

    private async Task<Snapshot> MakeAsync(LiveStream stream, int width)
    {
        if (await KeyframeAsync(stream) is not { } keyframe)
            return new Snapshot(Placeholder.Jpeg, null, NoVideo, "The camera has sent no picture in the last half minute.");
        return await ToSnapshotAsync(keyframe, width, CancellationToken.None);
    }

    private async Task<Snapshot> ToSnapshotAsync(LoggedKeyframe keyframe, int width, CancellationToken cancellationToken)
    {
        try
        {
            var picture = await decoding.ToJpegAsync(keyframe.Codec, keyframe.Bytes, width, Quality, cancellationToken);
            return new Snapshot(picture.Bytes, keyframe.CapturedAt, null, null);
        }
        catch (PictureException e)
        {
            return new Snapshot(Placeholder.Jpeg, null, Undecodable, e.Message);
        }
    }

    private async Task<LoggedKeyframe?> KeyframeAsync(LiveStream stream)
    {
        using var demand = stream.Demand();
        var started = time.GetTimestamp();
        while (true)
        {
            var keyframe = LoggedKeyframe.Newest(stream);
            if (keyframe is not null && time.GetUtcNow() - keyframe.CapturedAt < s_oldest)
                return keyframe;
            if (time.GetElapsedTime(started) > s_patience)
                return null;
            await Task.Delay(s_look, time);
        }
    }

    private void ForgetOld()
    {
        foreach (var (key, entry) in _taken)
        {
            if (time.GetElapsedTime(entry.At) > s_freshPlaceholder && entry.Taken.IsCompleted)
                _taken.TryRemove(KeyValuePair.Create(key, entry));
        }
    }
}
