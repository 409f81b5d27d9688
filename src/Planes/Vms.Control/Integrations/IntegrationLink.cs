using System.Net.Sockets;
using System.Security.Authentication;
using Vms.Bus;
using Vms.Control.Data;

namespace Vms.Control.Integrations;

/// <summary>Keeps a connection to a service of the operator's for as long as it is switched on: connects, says how that went, and tries again with a back-off.
/// New settings count at once.</summary>
internal abstract partial class IntegrationLink<T>(
    string kind, T fallback, IntegrationStore store, IntegrationMetrics metrics, TimeProvider time, ILogger logger) : BackgroundService where T : ServiceSettings
{
    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromMinutes(1);

    /// <summary>For settings that another process changed.</summary>
    private static readonly TimeSpan s_readEvery = TimeSpan.FromSeconds(30);

    private long _sent, _refused;
    private volatile string? _refusal;
    private string? _refusalReason;
    private volatile LinkState _state = new(LinkState.Off, time.GetUtcNow(), null, 0);

    public LinkState State => _state with { Sent = Interlocked.Read(ref _sent), Refused = Interlocked.Read(ref _refused), Refusal = _refusal };

    protected TimeProvider Time => time;

    /// <summary>Connects, calls <see cref="Connected"/>, and works until the connection is lost.</summary>
    /// <exception cref="LinkException">It could not, or was lost.</exception>
    protected abstract Task RunAsync(Integration<T> integration, CancellationToken cancellationToken);

    protected void Connected() => Say(LinkState.Connected, null);

    protected void Sent(int count = 1)
    {
        Interlocked.Add(ref _sent, count);
        metrics.Sent(kind, count);
    }

    /// <summary>A message is left out; those behind it go on.</summary>
    protected void Refused(MessageRefusedException refusal)
    {
        // Its message names the topic: for each another.
        if (Interlocked.Exchange(ref _refusalReason, refusal.Reason) != refusal.Reason)
            Log.Refused(logger, kind, refusal.Message);
        _refusal = refusal.Message;
        Interlocked.Increment(ref _refused);
        metrics.Refused(kind);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Watch(kind, () => _state.State == LinkState.Connected);
        var backOff = s_firstBackOff;
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = store.Changed.Next;
            var wait = s_readEvery;
            try
            {
                var integration = await store.ReadAsync(kind, fallback, stoppingToken);
                if (!integration.Settings.Enabled)
                {
                    Say(LinkState.Off, null);
                }
                else
                {
                    if (_state.State is LinkState.Off)
                        Say(LinkState.Connecting, null);
                    if (await HoldAsync(integration, changed, stoppingToken))
                        backOff = s_firstBackOff;
                    wait = backOff;
                    backOff = backOff * 2 < s_longestBackOff ? backOff * 2 : s_longestBackOff;
                }
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
            {
                Log.Later(logger, kind, e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await changed.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (changed.IsCompleted)
                backOff = s_firstBackOff;
        }
    }

    /// <returns>It was connected for a while, or is to be set up anew: the next try need not wait long.</returns>
    private async Task<bool> HoldAsync(Integration<T> integration, Task changed, CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var working = WorkAsync(integration, end.Token);
        await Task.WhenAny(working, UntilOthersAsync(integration, changed, end.Token));
        await end.CancelAsync();
        var failure = await working;
        stoppingToken.ThrowIfCancellationRequested();
        var wasConnected = _state.State == LinkState.Connected;
        if (failure is null)
            return true;
        if (wasConnected || _state.Error != failure)
            Log.Failed(logger, kind, failure);
        metrics.Failed(kind);
        Say(LinkState.Failed, failure);
        return wasConnected;
    }

    /// <returns>Why it ended; null: it was asked to.</returns>
    private async Task<string?> WorkAsync(Integration<T> integration, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(integration, cancellationToken);
            return "The connection ended";
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is LinkException or BusException or IOException or SocketException or AuthenticationException or OperationCanceledException or TimeoutException)
        {
            return (e is LinkException ? e : e.InnerException ?? e).Message;
        }
        catch (Exception e)
        {
            // Of a library, or ours: cameras and recordings do not depend on it.
            Log.Unexpected(logger, e, kind);
            return "An error of the software; control's log has it";
        }
    }

    /// <summary>Ends when there are other settings: here, or by another process.</summary>
    private async Task UntilOthersAsync(Integration<T> integration, Task changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            await changed.WaitAsync(s_readEvery, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            changed = store.Changed.Next;
            try
            {
                if ((await store.ReadAsync(kind, fallback, cancellationToken)).Generation != integration.Generation)
                    return;
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                Log.Later(logger, kind, e.Message);
            }
        }
    }

    private void Say(string state, string? error)
    {
        if (_state.State == state && _state.Error == error)
            return;
        if (state == LinkState.Connected)
            Log.Connected(logger, kind);
        _state = new LinkState(state, time.GetUtcNow(), error, 0);
    }

    private static partial class Log
    {
        [LoggerMessage(1610, LogLevel.Information, "{Kind}: connected")]
        public static partial void Connected(ILogger logger, string kind);

        [LoggerMessage(1611, LogLevel.Warning, "{Kind}: no connection ({Reason}), trying again")]
        public static partial void Failed(ILogger logger, string kind, string reason);

        [LoggerMessage(1613, LogLevel.Error, "{Kind}: an error of the software, trying again")]
        public static partial void Unexpected(ILogger logger, Exception exception, string kind);

        [LoggerMessage(1614, LogLevel.Warning, "{Kind}: a message is left out ({Reason}); the same is counted from now on, and not said again")]
        public static partial void Refused(ILogger logger, string kind, string reason);

        [LoggerMessage(1612, LogLevel.Debug, "{Kind}: its settings are read later ({Reason})")]
        public static partial void Later(ILogger logger, string kind, string reason);
    }
}
