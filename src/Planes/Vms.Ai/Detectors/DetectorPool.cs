using System.Collections.Concurrent;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Detectors;

/// <param name="Provider">On what models run; null for the best that there is.</param>
/// <param name="Workers">Runs of one model at a time, each on one processor.</param>
/// <param name="Room">Pictures that may wait for one model. They are looked at within the second, or they would be of no use any more.</param>
/// <param name="TryAgainAfter">A model that failed is left alone for so long.</param>
internal sealed record DetectorPoolOptions(OnnxProvider? Provider, int Workers, int Room, TimeSpan TryAgainAfter)
{
    internal static DetectorPoolOptions Default => new(null, Math.Max(1, Environment.ProcessorCount / 2), 16, TimeSpan.FromMinutes(1));
}

/// <summary>
/// The detectors of this plane: one loaded model of each name that somebody asks for, for all cameras. Follows changes of the catalogue within seconds. Any thread.
/// </summary>
internal sealed class DetectorPool(ModelCatalogue catalogue, DetectorPoolOptions options, ModelCrashes crashes, TimeProvider time, ILogger<DetectorPool> logger) : IDisposable
{
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Detector> _detectors = new();
    private readonly Lock _gate = new();
    private readonly Lazy<OnnxRuntimeOptions> _runtime = new(() => OnnxRuntimeOptions.Choose(options.Provider), LazyThreadSafetyMode.PublicationOnly);   // no failure is kept
    private long _lookedAt = time.GetTimestamp();
    private DateTime _changedAt = catalogue.ChangedAt;

    private sealed record Detector(CatalogueEntry Entry, DetectorQueue Queue);

    /// <summary>All models together.</summary>
    internal DetectorLoad Load
    {
        get
        {
            var sum = new DetectorLoad(0, 0, 0, 0, TimeSpan.Zero);
            foreach (var queue in Queues())
            {
                var load = queue.Load;
                sum = new DetectorLoad(
                    sum.Waiting + load.Waiting, sum.Room + load.Room, sum.Done + load.Done, sum.Refused + load.Refused, load.RunTime > sum.RunTime ? load.RunTime : sum.RunTime);
            }

            return sum;
        }
    }

    /// <exception cref="ModelException">There is none to be had.</exception>
    internal OnnxRuntimeOptions Runtime => _runtime.Value;

    /// <summary>Of the models that somebody asked for.</summary>
    internal IReadOnlyList<DetectorStatus> Statuses => [.. Queues().Select(q => q.Status)];

    /// <summary>Whether a model can be used now; <see cref="DetectorState.Idle"/> before anybody asked for it.</summary>
    internal DetectorStatus StatusOf(string model)
    {
        LookForChanges();       // nobody asks a model that failed for detections: what would find it mended is here alone
        if (_detectors.TryGetValue(model, out var detector))
            return detector.Queue.Status;
        if (catalogue.Find(model) is not { Problem: var problem } entry)
            return new DetectorStatus(model, DetectorState.Failed, Unknown(model));
        return Known(entry)?.Queue.Status ?? new DetectorStatus(entry.Name, problem is null ? DetectorState.Idle : DetectorState.Failed, problem);
    }

    /// <summary>SHA-256 of the model's file, hexadecimal; empty when there is no such model.</summary>
    internal string HashOf(string model) =>
        EntryOf(model)?.Manifest?.Sha256 ?? "";

    /// <summary>Whether a class is one of those that the model tells apart.</summary>
    internal bool Finds(string model, string @class) => EntryOf(model)?.Manifest?.Labels.Contains(@class) ?? false;

    /// <summary>Looks for objects in a part of a picture.</summary>
    /// <param name="model">Its name, or <see cref="ModelCatalogue.Default"/>.</param>
    /// <param name="picture">Borrowed until the task is done.</param>
    /// <returns>Boxes in parts of the whole picture, best first. Null at once when too many wait already.</returns>
    /// <exception cref="ModelException">The model cannot be used; <see cref="StatusOf"/> says so beforehand.</exception>
    internal ValueTask<IReadOnlyList<Detection>?> DetectAsync(string model, Picture picture, Box region, float minScore, CancellationToken cancellationToken)
    {
        LookForChanges();
        return (_detectors.TryGetValue(model, out var detector) ? detector : Open(model)).Queue.DetectAsync(picture, region, minScore, cancellationToken);
    }

    /// <summary>All end at the same time, and each is waited for.</summary>
    public void Dispose()
    {
        foreach (var queue in Queues())
            queue.Stop();
        foreach (var queue in Queues())
            queue.Dispose();
    }

    private CatalogueEntry? EntryOf(string model) => _detectors.TryGetValue(model, out var detector) ? detector.Entry : catalogue.Find(model);

    private Detector Open(string model)
    {
        lock (_gate)
        {
            if (_detectors.TryGetValue(model, out var detector))
                return detector;
            var entry = catalogue.Find(model) ?? throw new ModelException(Unknown(model));
            if (entry.Manifest is not { } manifest)
                throw new ModelException(entry.Problem!);
            detector = Known(entry) ?? new Detector(entry, new DetectorQueue(
                entry.Name, () => new ObjectModel(entry.Name, ModelCatalogue.Bytes(entry), manifest, _runtime.Value), options, crashes, ModelCrashes.KeyOf(entry.Name, manifest), time, logger));
            _detectors[model] = detector;
            return detector;
        }
    }

    /// <summary>A model that was taken out, added anew or made the default is so here, too.</summary>
    private void LookForChanges()
    {
        if (time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < s_lookInterval || !_gate.TryEnter())
            return;
        try
        {
            Volatile.Write(ref _lookedAt, time.GetTimestamp());
            if (catalogue.ChangedAt == _changedAt)
                return;
            _changedAt = catalogue.ChangedAt;
            foreach (var (name, detector) in _detectors)
            {
                bool stays = detector.Queue.Status.State != DetectorState.Failed
                    && catalogue.Find(name) is { Manifest: { } manifest } entry && entry.Name == detector.Entry.Name && manifest.Sha256 == detector.Entry.Manifest!.Sha256;
                if (stays)
                    continue;
                _detectors.TryRemove(name, out _);
                if (_detectors.Values.All(d => d.Queue != detector.Queue))
                    detector.Queue.Stop();      // who asked is the thread of a stream, and does not wait
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>The default is asked for under two names, and has one queue.</summary>
    private Detector? Known(CatalogueEntry entry) => _detectors.Values.FirstOrDefault(d => d.Entry.Name == entry.Name);

    private IEnumerable<DetectorQueue> Queues() => _detectors.Values.Select(d => d.Queue).Distinct();

    private static string Unknown(string model) => $"There is no model '{model}': vms models list shows those that there are";
}
