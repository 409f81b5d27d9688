using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Vms.Hosting;

/// <summary>
/// Background work that begins once the plane answers. After a restart viewers and browsers stand at the door already, and what a
/// process compiles for its first request and for its background work competes for the same cores: who waits goes first.
/// </summary>
public static class BackgroundWork
{
    /// <summary>From the moment the plane listens: the first requests have their answers by then.</summary>
    private static readonly TimeSpan s_headStart = TimeSpan.FromMilliseconds(300);

    /// <summary>Like <c>AddHostedService</c>, begun later. The service is made at once, so that its constructor can say what is not ready yet.</summary>
    /// <param name="services">The plane's.</param>
    /// <param name="after">What it has to wait for besides; null for nothing.</param>
    public static IServiceCollection AddBackgroundWork<T>(this IServiceCollection services, Func<IServiceProvider, CancellationToken, Task>? after = null)
        where T : BackgroundService => services.AddSingleton<IHostedService>(s => new AfterListening(
            s.GetService<T>() ?? ActivatorUtilities.CreateInstance<T>(s), s.GetRequiredService<IHostApplicationLifetime>(), s.GetRequiredService<TimeProvider>(),
            cancellationToken => after?.Invoke(s, cancellationToken) ?? Task.CompletedTask));

    private sealed class AfterListening(BackgroundService work, IHostApplicationLifetime lifetime, TimeProvider time, Func<CancellationToken, Task> after) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await ListeningAsync(stoppingToken);
                await Task.Delay(s_headStart, time, stoppingToken);
                await after(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;     // the plane cannot listen, and says why: that this work did not begin is no news beside it
            }

            await work.StartAsync(stoppingToken);   // ends with this token, too
            await work.ExecuteTask!;
        }

        public override void Dispose()
        {
            work.Dispose();
            base.Dispose();
        }

        private async Task ListeningAsync(CancellationToken stoppingToken)
        {
            var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var started = lifetime.ApplicationStarted.Register(listening.SetResult);
            await listening.Task.WaitAsync(stoppingToken);
        }
    }
}
