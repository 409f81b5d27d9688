using Vms.Onvif.Events;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Onvif;

/// <summary>How a <see cref="PullPoint"/> asks.</summary>
internal sealed record PullPointOptions
{
    /// <summary>After which the device may forget the subscription; renewed after half of it.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The device answers after so long when nothing happens.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Before the second try; doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Takes what a <see cref="PullPoint"/> brings. Called from its loop, which waits.</summary>
/// <param name="Notified">What the device tells, in its order.</param>
/// <param name="Lost">Nothing is known of the device any more: what it said to go on may be over. The next subscription tells how everything stands.</param>
internal sealed record PullPointListener(Func<IReadOnlyList<Notification>, ValueTask> Notified, Func<ValueTask> Lost);

/// <summary>
/// Fetches the events of a device for as long as it is wanted: subscribes, asks, renews, and subscribes anew when the device has forgotten (a restart), cuts
/// the connection or refuses to renew (XiongMai).
/// </summary>
internal sealed partial class PullPoint(string cameraId, OnvifClient client, PullPointOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Long polls that some devices cut instead of answering; so many in a row and it is a broken connection.</summary>
    private const int MaxCuts = 3;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    /// <summary>Shorter ones are not believed: nobody could keep up with them.</summary>
    private static readonly TimeSpan s_shortestLifetime = TimeSpan.FromSeconds(10);

    private bool _renews = true;
    private volatile OnvifFailure? _trouble;
    private volatile bool _isSubscribed;

    private enum End
    {
        /// <summary>Another subscription takes its place, without a gap: nothing is lost.</summary>
        Due,

        /// <summary>The device has forgotten it, or is gone.</summary>
        Lost,
    }

    /// <summary>The device keeps a subscription, and tells. Any thread.</summary>
    public bool IsSubscribed => _isSubscribed;

    /// <summary>Why there is none; null while there is one, and before the first try. Any thread.</summary>
    public OnvifFailure? Trouble => _trouble;

    /// <returns>Why it is no use to go on: <see cref="OnvifFailureKind.Unsupported"/>, or credentials. Everything else is tried again.</returns>
    public async Task<OnvifFailure> RunAsync(PullPointListener listener, CancellationToken cancellationToken)
    {
        var pause = options.FirstPause;
        bool hasWorked = false;
        while (true)
        {
            var created = client.Has(OnvifService.Events) ? await client.CallAsync(PullPointCalls.Create(options.Lifetime), cancellationToken) : await ConnectAsync(cancellationToken);
            (_trouble, _isSubscribed) = (created.Failure, created.IsSuccess);
            if (created.Kind is OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear || (created.Kind == OnvifFailureKind.Unsupported && !hasWorked))
                return created.Failure!;

            if (created.IsSuccess)
            {
                var (end, worked) = await PullAsync(created.Value, listener, cancellationToken);
                hasWorked |= worked;
                if (worked)
                    pause = options.FirstPause;
                if (end == End.Due)
                    continue;
                _isSubscribed = false;
                Log.Lost(logger, cameraId, pause);
                await listener.Lost();
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;
        }
    }

    private async Task<OnvifResult<PullPointSubscription>> ConnectAsync(CancellationToken cancellationToken)
    {
        var services = await client.ConnectAsync(cancellationToken);
        return services.IsSuccess
            ? await client.CallAsync(PullPointCalls.Create(options.Lifetime), cancellationToken)
            : OnvifResult<PullPointSubscription>.Failed(services.Failure);
    }

    /// <returns>Worked: it brought at least one answer.</returns>
    private async Task<(End End, bool Worked)> PullAsync(PullPointSubscription subscription, PullPointListener listener, CancellationToken cancellationToken)
    {
        var lifetime = subscription.Lifetime is { } told && told < options.Lifetime && options.Lifetime > s_shortestLifetime
            ? TimeSpan.FromTicks(Math.Max(told.Ticks, s_shortestLifetime.Ticks))
            : options.Lifetime;
        var wait = options.Wait < lifetime / 4 ? options.Wait : lifetime / 4;
        long renewedAt = time.GetTimestamp();
        bool worked = false;
        int cuts = 0;
        try
        {
            while (true)
            {
                // With the time that a poll takes, so that it does not run out within one.
                var age = time.GetElapsedTime(renewedAt) + wait;
                if (age > lifetime / 2 && await RenewAsync(subscription, cancellationToken))
                    renewedAt = time.GetTimestamp();
                else if (age > lifetime)
                    return (End.Due, worked);

                long askedAt = time.GetTimestamp();
                var pulled = await client.CallAsync(PullPointCalls.Pull(wait), subscription, cancellationToken);
                if (pulled.IsSuccess)
                {
                    (worked, cuts) = (true, 0);
                    if (pulled.Value.Count > 0)
                        await listener.Notified(pulled.Value);
                    else if (time.GetElapsedTime(askedAt) < wait / 4)
                        await Task.Delay(options.FirstPause, time, cancellationToken);      // some do not wait: nothing has happened yet, they say at once
                    continue;
                }

                bool isCut = pulled.Kind is OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut && time.GetElapsedTime(askedAt) >= wait / 4;
                if (!isCut || ++cuts == MaxCuts)
                    return (End.Lost, worked);
            }
        }
        finally
        {
            await UnsubscribeAsync(subscription);
        }
    }

    private async Task<bool> RenewAsync(PullPointSubscription subscription, CancellationToken cancellationToken)
    {
        if (!_renews)
            return false;

        var renewed = await client.CallAsync(PullPointCalls.Renew(options.Lifetime), subscription, cancellationToken);
        if (renewed.Kind is OnvifFailureKind.Refused or OnvifFailureKind.Unsupported)
        {
            _renews = false;
            Log.DoesNotRenew(logger, cameraId);
        }

        return renewed.IsSuccess;
    }

    /// <summary>Devices have room for a handful: an old one should not stay. Also when the loop is cancelled, hence with a time of its own.</summary>
    private async Task UnsubscribeAsync(PullPointSubscription subscription)
    {
        using var deadline = new CancellationTokenSource(s_farewell, time);
        try
        {
            await client.CallAsync(PullPointCalls.Unsubscribe, subscription, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // It forgets by itself.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1400, LogLevel.Information, "Camera {CameraId}: its events are lost, subscribing anew in {Delay}")]
        public static partial void Lost(ILogger logger, string cameraId, TimeSpan delay);

        [LoggerMessage(1401, LogLevel.Information, "Camera {CameraId}: it does not renew its event subscription, subscribing anew before each ends")]
        public static partial void DoesNotRenew(ILogger logger, string cameraId);
    }
}
