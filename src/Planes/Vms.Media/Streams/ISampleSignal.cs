namespace Vms.Media.Streams;

/// <summary>Told that a stream log grew. The work belongs to the subscriber's own thread.</summary>
internal interface ISampleSignal
{
    /// <summary>Each sample is waited for. False: what gathers within some twenty milliseconds will do. Any thread.</summary>
    bool IsUrgent { get; }

    /// <summary>Called on an ingest thread once per receive pass that appended something: sets a flag or wakes a thread, never
    /// blocks, never throws, never reads the log here.</summary>
    void Signal();
}
