namespace Vms.Control.Events;

/// <content>Control's own end: the next life tells of one that nobody asked for.</content>
internal sealed partial class HealthWatch
{
    private const string Control = "control";

    private bool _isMarked;

    private void BeginLife()
    {
        if (mark.Left() is { } before)
            _instances[Control] = before;
        else
            MarkLife();
    }

    /// <summary>The mark of the life before stays until it is told.</summary>
    private async Task NoteLifeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await NoteInstanceAsync(Control, Control, _life, awaySince: null, now, cancellationToken);
        if (!_isMarked)
            MarkLife();
    }

    private void MarkLife()
    {
        _isMarked = true;       // tried once: a disk that is full would be so in a second, too
        if (mark.TrySet(_life) is { } reason)
            Log.NotMarked(logger, reason);
    }

    /// <summary>A loop that died ends the process in order, too: nobody asked for that.</summary>
    private void EndLife()
    {
        if (_isMarked && !services.GetServices<IHostedService>().OfType<BackgroundService>().Any(work => work.ExecuteTask is { IsFaulted: true }))
            mark.Clear();
    }
}
