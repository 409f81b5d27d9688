using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Exports;

/// <summary>All exports of this node: one is made at a time, the others wait in the order in which they were asked for. What a stop interrupts is gone on with
/// at the next start.</summary>
internal sealed partial class ExportQueue(
    ExportFolder folder, ExportRun run, SegmentDamage damage, UnfinishedExports unfinished, ExportMetrics metrics, TimeProvider time,
    ILogger<ExportQueue> logger) : BackgroundService
{
    /// <summary>Waiting ones; and all that are kept.</summary>
    private const int MaxWaiting = 100;
    private const int MaxExports = 2000;

    /// <summary>A part that turned out damaged is left out once the index knows; so often that is waited for.</summary>
    private const int MaxAttempts = 5;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _gate = new();
    private readonly List<ExportJob> _jobs = [];
    private bool _loaded;

    /// <summary>Takes it into the queue, or says how far it is.</summary>
    /// <exception cref="ExportRefusedException">There are too many.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public ExportStatus Start(ExportSpec spec)
    {
        lock (_gate)
        {
            Load();
            if (Find(spec.Id) is { } known) return known.Status();
            if (_jobs.Count >= MaxExports || _jobs.Count(j => !j.State.IsOver) >= MaxWaiting)
                throw new ExportRefusedException($"{MaxWaiting} exports wait already; wait until some are done");
            folder.Create(spec);
            var job = new ExportJob(spec, ExportState.Queued);
            _jobs.Add(job);
            KeepFootage();
            _wake.Release();
            return job.Status();
        }
    }

    /// <summary>Null for one that is not here.</summary>
    public ExportJob? Get(string id)
    {
        lock (_gate)
        {
            Load();
            return Find(id);
        }
    }

    /// <summary>Stops it if it is not done, and removes what there is of it. Nothing when it is not here.</summary>
    /// <exception cref="IOException">Files cannot be removed; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public async Task DeleteAsync(string id)
    {
        if (Get(id) is not { } job)
        {
            await Task.Run(() => folder.Delete(id));        // one that could not be read
            return;
        }

        await job.CancelAsync();
        Task work;
        lock (_gate)
        {
            work = job.Work;       // from here on nobody begins it
            KeepFootage();
        }

        await work;
        await Task.Run(() => folder.Delete(id));
        lock (_gate) _jobs.Remove(job);
        Log.Deleted(logger, id);
    }

    public override void Dispose()
    {
        foreach (var job in _jobs) job.Dispose();
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!TryTakeNext(stoppingToken, out var job))
                await Task.Delay(s_again, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else if (job is not null)
                await EndAsync(job);
            else
                await _wake.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task EndAsync(ExportJob job)
    {
        await job.Work;
        lock (_gate) KeepFootage();
    }

    /// <summary>Under the gate.</summary>
    private void Load()
    {
        if (_loaded) return;
        _jobs.AddRange(folder.Load());
        _loaded = true;
        KeepFootage();
    }

    /// <summary>Retention leaves what is still to be exported. Under the gate.</summary>
    private void KeepFootage() => unfinished.Replace(_jobs.Where(j => j.IsUnfinished).Select(j => j.Spec));

    private ExportJob? Find(string id) => _jobs.Find(j => j.Spec.Id == id);

    /// <param name="next">Null when nothing waits.</param>
    /// <returns>False when the folder cannot be read: recording goes on, and exports wait.</returns>
    private bool TryTakeNext(CancellationToken stoppingToken, out ExportJob? next)
    {
        next = null;
        try
        {
            lock (_gate)
            {
                Load();
                var found = next = _jobs.Find(j => j.IsUnfinished);
                if (found is not null) found.Work = Task.Run(() => WorkAsync(found, stoppingToken), CancellationToken.None);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(logger, folder.Root, e.Message);
            return false;
        }
    }

    private async Task WorkAsync(ExportJob job, CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(job.Cancelled, stoppingToken);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await run.RunAsync(job, stop.Token);
                metrics.Done(job.State.BytesTotal);
                Log.Done(logger, job.Spec.Id, job.State.Files.Count, job.State.BytesTotal);
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;     // cancelled, or gone on with at the next start
            }
            catch (RecordingUnreadableException e) when (e.Reason == UnreadableReason.KeyMissing)
            {
                Fail(job, "recordingUnreadable", "The recording is encrypted, and the server does not have its key. Put the key file back and ask for the export again.");
                return;
            }
            catch (RecordingUnreadableException e) when (attempt < MaxAttempts)
            {
                damage.Report(e.Path);
                Log.Again(logger, job.Spec.Id, e.Message);
            }
            catch (IndexUnavailableException e)
            {
                attempt = 0;
                Log.Again(logger, job.Spec.Id, e.Message);
            }
            catch (RecordingUnreadableException e)
            {
                Fail(job, "recordingUnreadable", $"A part of the recording cannot be read ({e.Message}). Ask for the export again later, or for the time around it.");
                return;
            }
            catch (ExportFailedException e)
            {
                Fail(job, e.Code, e.Message);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(job, "writeFailed", $"The export could not be written: {e.Message}");
                return;
            }
            catch (Exception e)
            {
                // Recording goes on whatever an export runs into.
                Log.Unexpected(logger, e, job.Spec.Id);
                Fail(job, "internal", "The export ran into an error of the software; the recorder's log has it.");
                return;
            }

            await Task.Delay(s_again, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Nothing half is kept.</summary>
    private void Fail(ExportJob job, string code, string detail)
    {
        metrics.Failed(code);
        Log.Failed(logger, job.Spec.Id, detail);
        var state = ExportState.Queued with { State = ExportStates.Failed, Code = code, Detail = detail };
        try
        {
            folder.DeleteFiles(job.Spec.Id);
            folder.Save(job.Spec.Id, state);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotCleared(logger, job.Spec.Id, e.Message);
        }

        job.State = state;
    }

    private static partial class Log
    {
        [LoggerMessage(3700, LogLevel.Information, "Export {Id} is done: {Files} files, {Bytes} bytes")]
        public static partial void Done(ILogger logger, string id, int files, long bytes);

        [LoggerMessage(3701, LogLevel.Warning, "Export {Id} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string id, string reason);

        [LoggerMessage(3702, LogLevel.Information, "Export {Id} is gone on with in a moment: {Reason}")]
        public static partial void Again(ILogger logger, string id, string reason);

        [LoggerMessage(3703, LogLevel.Information, "Export {Id} and its files are deleted")]
        public static partial void Deleted(ILogger logger, string id);

        [LoggerMessage(3706, LogLevel.Warning, "The folder of exports {Folder} cannot be read ({Reason}); exports wait until it can")]
        public static partial void Unreadable(ILogger logger, string folder, string reason);

        [LoggerMessage(3705, LogLevel.Error, "Export {Id} ran into an error")]
        public static partial void Unexpected(ILogger logger, Exception exception, string id);

        [LoggerMessage(3704, LogLevel.Warning, "What there is of the failed export {Id} could not be removed ({Reason}); it goes when the export is deleted")]
        public static partial void NotCleared(ILogger logger, string id, string reason);
    }
}

/// <summary>No further export is taken now; the message is for who asked.</summary>
internal sealed class ExportRefusedException(string message) : Exception(message);
