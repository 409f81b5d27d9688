using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Reconciliation;

/// <summary>The cameras as the database wants them, in memory: read at the start, after every change made here, and now and then
/// for changes made elsewhere. While the database is away the last snapshot stays.</summary>
internal sealed partial class DesiredState(NpgsqlDataSource database, NodeKey nodeKey, TimeProvider time, ILogger<DesiredState> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_readEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ChangeSignal _asked = new();
    private volatile IReadOnlyDictionary<string, Desired>? _cameras;

    /// <summary>Set after the snapshot was replaced.</summary>
    public ChangeSignal Replaced { get; } = new();

    /// <summary>By camera id; null until the database was read for the first time: nothing may be stopped before that.</summary>
    public IReadOnlyDictionary<string, Desired>? Cameras => _cameras;

    /// <summary>Done when <see cref="Cameras"/> is known.</summary>
    public async Task ReadOnceAsync(CancellationToken cancellationToken)
    {
        for (var replaced = Replaced.Next; _cameras is null; replaced = Replaced.Next)
            await replaced.WaitAsync(cancellationToken);
    }

    /// <summary>Call after a commit that touched <c>control.camera</c>.</summary>
    public void Changed() => _asked.Set();

    /// <summary>A plane holds a newer generation than the database (which came from a backup): moves the database past it, so that
    /// what the operator sees here is applied again.</summary>
    public async Task MovePastAsync(string cameraId, GenerationColumn column, long generation, CancellationToken cancellationToken)
    {
        var name = column switch
        {
            GenerationColumn.Main => "main_generation",
            GenerationColumn.Sub => "sub_generation",
            GenerationColumn.Recording => "recording_generation",
            _ => "analysis_generation",
        };
        await database.ExecuteAsync(
            $"update control.camera set {name} = $2, generation = greatest(generation, $2) + 1 where id = $1 and {name} < $2",
            [cameraId, generation + 1], cancellationToken);
        Changed();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var asked = _asked.Next;
            var wait = s_readEvery;
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                wait = s_retry;
            }

            await asked.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {CameraRow.SelectColumns} from control.camera where deleted_at is null");
        var before = _cameras;
        var rows = await command.RowsAsync(CameraRow.Read, cancellationToken);
        var changed = before is null || before.Count != rows.Count;
        var cameras = new Dictionary<string, Desired>(rows.Count, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            // The generation counts every change that somebody made: an equal one needs no decryption again. That it belongs to a recorder is found out.
            if (before is not null && before.TryGetValue(row.Id, out var known) && known.Row.Generations == row.Generations && known.Row.NvrId == row.NvrId)
            {
                cameras.Add(row.Id, known);
                continue;
            }

            cameras.Add(row.Id, Desired.Of(row, nodeKey));
            changed = true;
        }

        if (!changed)
            return;
        _cameras = cameras;
        Log.Read(logger, cameras.Count);
        Replaced.Set();
    }

    private static partial class Log
    {
        [LoggerMessage(1040, LogLevel.Debug, "Desired state read: {Cameras} cameras")]
        public static partial void Read(ILogger logger, int cameras);
    }
}

/// <summary>Which of a camera's generations.</summary>
internal enum GenerationColumn
{
    Main,
    Sub,
    Recording,
    Analysis,
}
