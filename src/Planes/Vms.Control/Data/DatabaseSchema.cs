using Vms.Hosting;

namespace Vms.Control.Data;

/// <summary>Whether the database has what this program knows: from the end of the migrations on. Any thread.</summary>
internal sealed class DatabaseSchema
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void SetReady() => _ready.TrySetResult();

    public Task ReadyAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);
}

internal static class DatabaseWork
{
    /// <summary>Background work that does nothing without the database: it begins when the tables that it asks are there.</summary>
    public static IServiceCollection AddDatabaseWork<T>(this IServiceCollection services)
        where T : BackgroundService => services.AddBackgroundWork<T>((s, cancellationToken) => s.GetRequiredService<DatabaseSchema>().ReadyAsync(cancellationToken));
}
