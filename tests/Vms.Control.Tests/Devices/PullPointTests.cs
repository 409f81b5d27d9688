using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Control.Devices.Onvif;
using Vms.Onvif.Events;
using Vms.Onvif.Soap;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Devices;

public sealed class PullPointTests
{
    private const string Motion = "tns1:RuleEngine/CellMotionDetector/Motion";

    private static readonly PullPointOptions s_options = new() { Wait = TimeSpan.FromSeconds(1), FirstPause = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task What_a_device_tells_arrives_in_its_order_and_the_subscription_is_given_back()
    {
        await using var device = await FakeDevice.StartAsync();
        await using (var run = Run.Start(device, s_options))
        {
            Assert.Equal((PropertyOperation.Initialized, false), await run.NextMotionAsync());
            device.Events.Set(Motion, true);
            device.Events.Set(Motion, false);
            Assert.Equal((PropertyOperation.Changed, true), await run.NextMotionAsync());
            Assert.Equal((PropertyOperation.Changed, false), await run.NextMotionAsync());
        }

        Assert.Equal(0, device.Events.Count);
        Assert.Equal(1, device.Events.Subscribed);
    }

    [Theory]
    [InlineData(true, false, null)]
    [InlineData(false, true, null)]             // OMNY
    [InlineData(false, false, "10.0.0.9")]
    public async Task Subscriptions_are_found_by_reference_parameters_without_an_address_and_behind_routers(bool references, bool noAddress, string? toldHost)
    {
        await using var device = await FakeDevice.StartAsync();
        (device.Quirks.UsesReferenceParameters, device.Quirks.TellsNoSubscriptionAddress, device.Quirks.ToldHost) = (references, noAddress, toldHost);
        await using var run = Run.Start(device, s_options);
        Assert.Equal((PropertyOperation.Initialized, false), await run.NextMotionAsync());
        device.Events.Set(Motion, true);
        Assert.Equal((PropertyOperation.Changed, true), await run.NextMotionAsync());
    }

    [Fact]
    public async Task A_device_that_has_forgotten_is_subscribed_to_anew_and_what_went_on_is_lost()
    {
        await using var device = await FakeDevice.StartAsync();
        await using var run = Run.Start(device, s_options);
        await run.NextMotionAsync();
        device.Events.Forget();
        device.Events.Set(Motion, true);
        Assert.Equal((PropertyOperation.Initialized, true), await run.NextMotionAsync());
        Assert.Equal(1, run.Losses);
        Assert.Equal(2, device.Events.Subscribed);
    }

    [Fact]
    public async Task A_subscription_is_renewed_before_it_ends()
    {
        await using var device = await StartWithStoppedClockAsync();
        await using var run = Run.Start(device, s_options with { Lifetime = TimeSpan.FromSeconds(2), Wait = TimeSpan.FromMilliseconds(100) });
        await run.NextMotionAsync();
        await Eventually.TrueAsync(() => device.Events.Renewed >= 2);
        device.Events.Set(Motion, true);
        Assert.Equal((PropertyOperation.Changed, true), await run.NextMotionAsync());
        Assert.Equal((1, 0), (device.Events.Subscribed, run.Losses));
    }

    [Fact]
    public async Task Where_renewing_is_refused_another_takes_its_place_without_a_loss()
    {
        await using var device = await StartWithStoppedClockAsync();
        device.Quirks.RefusesRenew = true;      // XiongMai
        await using var run = Run.Start(device, s_options with { Lifetime = TimeSpan.FromSeconds(1), Wait = TimeSpan.FromMilliseconds(100) });
        await Eventually.TrueAsync(() => device.Events.Subscribed >= 3);
        Assert.Equal(1, device.Requests.Count(request => request == "Renew"));
        Assert.Equal(0, run.Losses);
        Assert.True(device.Events.Count <= 1);
    }

    [Fact]
    public async Task Polls_that_are_cut_are_asked_again()
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.CutsLongPolls = true;
        await using var run = Run.Start(device, s_options with { Wait = TimeSpan.FromMilliseconds(200) });
        await run.NextMotionAsync();
        await Eventually.TrueAsync(() => device.Requests.Count(request => request == "PullMessages") >= 2);
        device.Events.Set(Motion, true);
        while (!(await run.NextMotionAsync()).State)
        {
            // Several cuts in a row, on a slow machine: subscribed anew, and told how it stood before.
        }
    }

    [Fact]
    public async Task Without_the_service_or_with_wrong_credentials_it_ends()
    {
        await using var device = await FakeDevice.StartAsync();
        await using (var wrong = Run.Start(device, s_options, "guess"))
            Assert.Equal(OnvifFailureKind.BadCredentials, (await wrong.EndAsync()).Kind);
        Assert.Equal(1, device.WrongPasswords);

        device.Quirks.Broken["CreatePullPointSubscription"] = BrokenAnswer.Dropped;     // onvif_srvd
        await using (var dropped = Run.Start(device, s_options))
            Assert.Equal(OnvifFailureKind.Unsupported, (await dropped.EndAsync()).Kind);

        device.Quirks.MissingServices.Add("http://www.onvif.org/ver10/events/wsdl");
        await using var missing = Run.Start(device, s_options);
        Assert.Equal(OnvifFailureKind.Unsupported, (await missing.EndAsync()).Kind);
    }

    /// <summary>By its own clock no subscription ever ends: a machine that stands still for a moment makes no loss.</summary>
    private static async Task<FakeDevice> StartWithStoppedClockAsync()
    {
        var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Time = new ManualTimeProvider() });
        device.Quirks.MaxSkew = TimeSpan.FromHours(1);
        return device;
    }

    /// <summary>A pull point that runs.</summary>
    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly Channel<Notification> _notifications = Channel.CreateUnbounded<Notification>();
        private readonly OnvifClient _client;
        private readonly Task<OnvifFailure> _running;
        private int _losses;

        private Run(FakeDevice device, PullPointOptions options, string password)
        {
            _client = new OnvifClient(device.Service, new OnvifCredentials("admin", password), new OnvifClientOptions(), TimeProvider.System);
            _running = new PullPoint("camera", _client, options, TimeProvider.System, NullLogger.Instance).RunAsync(new PullPointListener(NotifiedAsync, LostAsync), _ending.Token);
        }

        public int Losses => Volatile.Read(ref _losses);

        public static Run Start(FakeDevice device, PullPointOptions options, string password = "secret") => new(device, options, password);

        public async Task<(PropertyOperation Operation, bool State)> NextMotionAsync()
        {
            var notification = await _notifications.Reader.ReadAsync(_ending.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            return (notification.Operation, EventMeaning.Of(notification)!.Value.State!.Value);
        }

        public Task<OnvifFailure> EndAsync() => _running.WaitAsync(TimeSpan.FromSeconds(30));

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            try
            {
                await _running;
            }
            catch (OperationCanceledException)
            {
                // As it was told.
            }

            _client.Dispose();
            _ending.Dispose();
        }

        private async ValueTask NotifiedAsync(IReadOnlyList<Notification> notifications)
        {
            foreach (var notification in notifications)
                await _notifications.Writer.WriteAsync(notification);
        }

        private ValueTask LostAsync()
        {
            Interlocked.Increment(ref _losses);
            return ValueTask.CompletedTask;
        }
    }
}
