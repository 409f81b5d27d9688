using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Testing.FakeDevice.Dahua;

/// <summary>A recorder that answers Dahua's CGI over real HTTP.</summary>
public sealed class FakeDahua : IAsyncDisposable
{
    private readonly FakeDahuaOptions _options;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<FakeDahuaFile>> _finders = [];
    private int _lastFinder = 8130;

    private FakeDahua(FakeDahuaOptions options) => _options = options;

    public DeviceServer Http { get; private set; } = null!;

    public Uri Address => Http.Address;

    /// <summary>Searches that nobody has closed.</summary>
    public int OpenFinders
    {
        get
        {
            lock (_lock)
                return _finders.Count;
        }
    }

    public static async Task<FakeDahua> StartAsync(FakeDahuaOptions options)
    {
        var device = new FakeDahua(options);
        device.Http = await DeviceServer.StartAsync(options.Gate, server: null, device.AnswerAsync);
        return device;
    }

    public ValueTask DisposeAsync() => Http.DisposeAsync();

    /// <summary>Something happens: one part of what eventManager sends.</summary>
    public void Event(string text) => _options.Events.Say(text, "text/plain");

    private async Task AnswerAsync(HttpContext context)
    {
        string script = context.Request.Path.Value!.Replace("/cgi-bin/", "", StringComparison.Ordinal);
        string action = context.Request.Query["action"].ToString();
        if (script == "eventManager.cgi" && action == "attach")
        {
            await _options.Events.SendAsync(context, "multipart/x-mixed-replace; boundary=--myboundary", "--myboundary", Http.Stopping);
            return;
        }

        string? answer;
        lock (_lock)
        {
            answer = (script, action) switch
            {
                ("magicBox.cgi", "getSystemInfo") => "appAutoStart=true\r\ndeviceType=31\r\nhardwareVersion=1.00\r\nprocessor=ST7108\r\nserialNumber=4A0000FPAZ00001\r\nupdateSerial=DHI-NVR4208-8P\r\n",
                ("magicBox.cgi", "getMachineName") => "name=Yard\r\n",
                ("magicBox.cgi", "getSoftwareVersion") => "version=3.216.0000006.0,build:2019-12-03\r\n",
                ("configManager.cgi", "getConfig") => Config(context.Request.Query["name"].ToString()),
                ("devVideoInput.cgi", "getCollect") => $"result={_options.Channels.Count}\r\n",
                ("eventManager.cgi", "getEventIndexes") => Dark(),
                ("alarm.cgi", "getInSlots") => $"result={_options.Inputs.Count}\r\n",
                ("alarm.cgi", "getInState") => $"result={_options.InputStates}\r\n",
                ("global.cgi", "getCurrentTime") when _options.ClockOffset is { } offset => $"result={Local((TimeProvider.System.GetUtcNow() + offset).UtcDateTime):yyyy-M-d H:mm:ss}\r\n",
                ("mediaFileFind.cgi", _) => Find(action, context.Request.Query),
                _ => null,
            };
        }

        context.Response.ContentType = "text/plain;charset=utf-8";
        if (answer is null or ['E', 'r', 'r', ..])
            context.Response.StatusCode = _options.ErrorsAreGood ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        await context.Response.WriteAsync(answer ?? "Error\r\nBad Request!\r\n");
    }

    private string? Config(string name) => name switch
    {
        "ChannelTitle" => Lines(_options.Channels, (c, i) => $"table.ChannelTitle[{i}].Name={c.Name}"),
        "Encode" => Lines(_options.Channels, (c, i) => string.Join("\r\n", c.Streams.Select((s, k) => Encoder(s, k == 0 ? $"table.Encode[{i}].MainFormat[0]" : $"table.Encode[{i}].ExtraFormat[{k - 1}]")))),
        "RemoteDevice" when _options.Channels.Any(c => c.Taken is not null) => Lines(_options.Channels, (c, i) => c.Taken is not { } taken ? "" :
            $"table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_{i}.Address=192.168.1.{100 + i}\r\ntable.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_{i}.Enable={(taken ? "true" : "false")}"),
        "Alarm" => Lines(_options.Inputs, (n, i) => $"table.Alarm[{i}].Enable=false\r\ntable.Alarm[{i}].Name={n}\r\ntable.Alarm[{i}].EventHandler.TimeSection[0][0]=1 00:00:00-23:59:59"),
        "RTSP" => $"table.RTSP.Enable=true\r\ntable.RTSP.Port={_options.RtspPort}\r\ntable.RTSP.RTP.StartPort=20000\r\n",
        "NTP" => $"table.NTP.Address=192.168.1.1\r\ntable.NTP.Enable=false\r\ntable.NTP.TimeZone={_options.ZoneNumber}\r\ntable.NTP.TimeZoneDesc=somewhere\r\n",
        "Locales" => _options.Locales.ReplaceLineEndings("\r\n") + "\r\ntable.Locales.TimeFormat=yyyy-MM-dd HH:mm:ss\r\n",
        _ => null,
    };

    private string Encoder(FakeDahuaStream stream, string key) =>
        $"{key}.Audio.Compression=G.711A\r\n{key}.Video.BitRate=4096\r\n{key}.Video.Compression={stream.Codec}\r\n"
        + (_options.WritesResolution ? $"{key}.Video.resolution={stream.Width}x{stream.Height}\r\n" : $"{key}.Video.Height={stream.Height}\r\n{key}.Video.Width={stream.Width}\r\n")
        + $"{key}.VideoEnable={(stream.Enabled ? "true" : "false")}\r\n"
        + key.Replace("MainFormat[0]", "MainFormat[1]", StringComparison.Ordinal).Replace("ExtraFormat", "SnapFormat", StringComparison.Ordinal) + ".Video.Width=9999";

    private string Dark()
    {
        var dark = _options.Channels.Index().Where(c => c.Item.Dark).Select(c => c.Index).ToList();
        return dark.Count == 0 ? "Error\r\nNo Events\r\n" : Lines(dark, (channel, i) => $"channels[{i}]={channel}");
    }

    /// <summary>A search lives from create to destroy.</summary>
    private string? Find(string action, IQueryCollection query)
    {
        string id = query["object"].ToString();
        switch (action)
        {
            case "factory.create" when _finders.Count < _options.MaxFinders:
                _finders[(++_lastFinder).ToString(CultureInfo.InvariantCulture)] = [];
                return $"result={_lastFinder}\r\n";
            case "findFile" when _finders.ContainsKey(id):
                int channel = int.Parse(query["condition.Channel"].ToString(), CultureInfo.InvariantCulture);
                var from = Asked(query["condition.StartTime"].ToString());
                var to = Asked(query["condition.EndTime"].ToString());
                _finders[id] = new Queue<FakeDahuaFile>(_options.Files.Where(f => f.Channel == channel && Local(f.End) > from && Local(f.Start) < to));
                return "OK\r\n";
            case "findNextFile" when _finders.TryGetValue(id, out var files):
                return Next(files, Math.Min(_options.FilesAtOnce, int.Parse(query["count"].ToString(), CultureInfo.InvariantCulture)));
            case "close" when _finders.ContainsKey(id):
                return "OK\r\n";
            case "destroy" when _finders.Remove(id):
                return "OK\r\n";
            default:
                return null;
        }
    }

    private string Next(Queue<FakeDahuaFile> files, int count)
    {
        var page = new List<FakeDahuaFile>();
        while (page.Count < count && files.TryDequeue(out var file))
            page.Add(file);
        // The answer counts channels from 0, unlike the question.
        return $"found={page.Count}\r\n" + Lines(page, (f, i) =>
            $"items[{i}].Channel={f.Channel - 1}\r\nitems[{i}].EndTime={Local(f.End):yyyy-MM-dd HH:mm:ss}\r\nitems[{i}].FilePath=/mnt/dvr/2026/{i}.dav\r\n"
            + $"items[{i}].Length=790000\r\nitems[{i}].StartTime={Local(f.Start):yyyy-M-d H:m:s}\r\nitems[{i}].Type=dav\r\nitems[{i}].VideoStream=Main");
    }

    private static string Lines<T>(IEnumerable<T> items, Func<T, int, string> line)
    {
        var text = new StringBuilder();
        foreach (var (index, item) in items.Index())
            text.Append(line(item, index)).Append("\r\n");
        return text.ToString();
    }

    private static DateTime Asked(string text) => DateTime.ParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private DateTime Local(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(utc, _options.Zone);
}
