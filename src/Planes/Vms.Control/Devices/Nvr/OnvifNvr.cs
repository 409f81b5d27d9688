using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Onvif;
using Vms.Onvif.Device;
using Vms.Onvif.Events;
using Vms.Onvif.Media;

namespace Vms.Control.Devices.Nvr;

/// <summary>Any recorder that speaks ONVIF: each of its video sources is a channel.</summary>
/// <param name="client">Owned.</param>
/// <param name="openClient">One more of the same device and user, for events.</param>
internal sealed class OnvifNvr(OnvifClient client, Func<OnvifClient> openClient) : INvr, IDisposable
{
    private const string InputType = "input.active";
    private const string MotionType = "motion";

    /// <summary>Events that nobody has taken yet; then the device is not asked for more.</summary>
    private const int MaxWaiting = 256;

    /// <summary>One question at a time: the client has one caller.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    private volatile OnvifSources _sources = OnvifSources.None;     // as the channels were told last

    public NvrMaker Maker => NvrMaker.Onvif;

    public Task<NvrFacts> FactsAsync(CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            ValueOf(await client.ConnectAsync(cancellationToken));
            var information = await client.CallAsync(DeviceInformation.Get, cancellationToken);
            if (information.Kind is OnvifFailureKind.Unsupported or OnvifFailureKind.Refused)
                return new NvrFacts("", "", "", "", "");        // it may have channels all the same
            var told = ValueOf(information);
            return new NvrFacts($"{told.Manufacturer} {told.Model}".Trim(), told.Model, told.SerialNumber, told.Firmware, "");
        },
        cancellationToken);

    /// <summary>A device tells of the sources that it has streams of: whether a camera stands behind one is not said.</summary>
    public Task<IReadOnlyList<NvrChannel>> ChannelsAsync(CancellationToken cancellationToken) => InTurnAsync<IReadOnlyList<NvrChannel>>(
        async () =>
        {
            var device = ValueOf(await DeviceInspection.ReadAsync(client, cancellationToken));
            NvrChannel[] channels = [.. device.Cameras.Select(ChannelOf).DistinctBy(channel => channel.Id)];
            _sources = OnvifSources.Of(channels, device.Profiles);
            return channels;
        },
        cancellationToken);

    /// <summary>What ONVIF tells of contacts are events; their names it does not know.</summary>
    public Task<IReadOnlyList<NvrInput>> InputsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<NvrInput>>([]);

    public Task<NvrRecordings> RecordingsAsync(int channel, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Task.FromException<NvrRecordings>(new DeviceException(DeviceFailure.NotSupported, $"{client.Device.Authority}: recordings are not searched by ONVIF"));

    public Task<NvrClock> ClockAsync(CancellationToken cancellationToken) =>
        Task.FromException<NvrClock>(new DeviceException(DeviceFailure.NotSupported, $"{client.Device.Authority}: the clock of its recordings is not asked for by ONVIF"));

    /// <summary>Contacts, and motion of which the device says by a token that it is a channel's.</summary>
    public async IAsyncEnumerable<NvrEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var listening = openClient();     // a long poll has a client of its own
        var happened = Channel.CreateBounded<NvrEvent>(MaxWaiting);
        var pulling = PullAsync(listening, new OnvifMotion(() => _sources), happened.Writer, ending.Token);
        try
        {
            await foreach (var input in happened.Reader.ReadAllAsync(cancellationToken))
                yield return input;
        }
        finally
        {
            await ending.CancelAsync();
            await pulling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _turn.Dispose();
    }

    /// <summary>The failures of ONVIF in the words of recorders.</summary>
    public static DeviceException ExceptionOf(OnvifFailure failure) => new(
        failure.Kind switch
        {
            OnvifFailureKind.BadCredentials => DeviceFailure.BadCredentials,
            OnvifFailureKind.OnlyBasicInClear => DeviceFailure.BasicInClear,
            OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut => DeviceFailure.Unreachable,
            OnvifFailureKind.Refused => DeviceFailure.BadAnswer,
            _ => DeviceFailure.NotSupported,
        },
        failure.Detail);

    /// <summary>Ends with the first subscription that is lost: whoever listens begins anew.</summary>
    private static async Task PullAsync(OnvifClient client, OnvifMotion motion, ChannelWriter<NvrEvent> happened, CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        // Its own log would name a camera; whoever listens here says what becomes of the recorder.
        var pullPoint = new PullPoint(client.Device.Authority, client, new PullPointOptions(), TimeProvider.System, NullLogger.Instance);
        var failure = await pullPoint.RunAsync(
            new PullPointListener(
                async notifications =>
                {
                    foreach (var notification in notifications)
                    {
                        var said = EventMeaning.Of(notification) switch
                        {
                            { Type: InputType } input when NumberOf(notification.Source, numbers) is { } number => new NvrEvent(NvrEventKind.Input, number, input.State),
                            { Type: MotionType } moves => motion.Take(notification, moves.State),
                            _ => (NvrEvent?)null,
                        };
                        if (said is { } one)
                            await happened.WriteAsync(one, cancellationToken);
                    }
                },
                () =>
                {
                    happened.TryComplete(new DeviceException(DeviceFailure.Unreachable, $"{client.Device.Authority}: its events are lost"));
                    return ValueTask.CompletedTask;
                }),
            cancellationToken);
        happened.TryComplete(ExceptionOf(failure));
    }

    /// <summary>What stands at the end of the input's token, which is what is printed beside it; else the order in which they were heard of.</summary>
    private static int? NumberOf(string source, Dictionary<string, int> numbers)
    {
        int digits = source.Length;
        while (digits > 0 && char.IsAsciiDigit(source[digits - 1]))
            digits--;
        if (int.TryParse(source.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number;
        if (numbers.TryGetValue(source, out number))
            return number;
        if (numbers.Count == NvrChannel.MaxChannels)
            return null;
        return numbers[source] = numbers.Count + 1;
    }

    private static NvrChannel ChannelOf(InspectedCamera camera, int index)
    {
        var (main, sub) = (camera.Choice.Main, camera.Choice.Sub);
        NvrStream[] streams = [StreamOf(1, main, camera.Main), .. camera.Sub is { } address && sub is not null ? [StreamOf(2, sub, address)] : Array.Empty<NvrStream>()];
        return new NvrChannel(index + 1, $"Channel {index + 1}", Online: null, streams) { Id = main.VideoSource is { Length: > 0 } source ? source : main.Token };
    }

    private static NvrStream StreamOf(int number, MediaProfile profile, Uri address) =>
        new(number, address.OriginalString, NvrStream.CodecOf(profile.Video!.Codec), profile.Video.Width, profile.Video.Height);

    private static T ValueOf<T>(OnvifResult<T> result)
        where T : class => result.IsSuccess ? result.Value : throw ExceptionOf(result.Failure);

    private async Task<T> InTurnAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await ask();
        }
        finally
        {
            _turn.Release();
        }
    }
}
