using System.Globalization;
using System.Threading.Channels;
using System.Xml;
using Microsoft.AspNetCore.Http;
using static Vms.Testing.FakeDevice.FakeOperations;

namespace Vms.Testing.FakeDevice;

/// <summary>Pull points: each with a queue, an address of its own and a time after which it is forgotten. Any thread.</summary>
public sealed class FakeEvents
{
    private const string ReferenceNamespace = "http://www.axis.com/2009/event";

    private readonly FakeDevice _device;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Subscription> _subscriptions = [];
    private readonly Dictionary<string, bool> _properties = new() { ["tns1:RuleEngine/CellMotionDetector/Motion"] = false };
    private int _next;

    internal FakeEvents(FakeDevice device) => _device = device;

    /// <summary>Subscriptions that were made.</summary>
    public int Subscribed { get; private set; }

    public int Renewed { get; private set; }

    /// <summary>Those that are there now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _subscriptions.Count;
        }
    }

    /// <summary>The state of a property changes, e.g. <c>tns1:RuleEngine/CellMotionDetector/Motion</c>.</summary>
    public void Set(string topic, bool state)
    {
        lock (_gate)
        {
            _properties[topic] = state;
            foreach (var subscription in _subscriptions.Values)
                subscription.Queue.Writer.TryWrite(Message(topic, "Changed", state));
        }
    }

    /// <summary>A contact changes: <c>tns1:Device/Trigger/DigitalInput</c>, <c>tns1:Device/Trigger/Relay</c>.</summary>
    /// <param name="source">Name and value of what it is about: <c>RelayToken</c>, <c>relay_1</c>.</param>
    public void SetContact(string topic, (string Name, string Value) source, string state)
    {
        string message = $"""<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">{topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="{Time(_device.Now)}" PropertyOperation="Changed">"""
            + $"""<tt:Source><tt:SimpleItem Name="{source.Name}" Value="{source.Value}"/></tt:Source><tt:Data><tt:SimpleItem Name="LogicalState" Value="{state}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>""";
        lock (_gate)
        {
            foreach (var subscription in _subscriptions.Values)
                subscription.Queue.Writer.TryWrite(message);
        }
    }

    /// <summary>What a restart does.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions.Values)
                subscription.Queue.Writer.TryComplete();
            _subscriptions.Clear();
        }
    }

    internal void AddTo(Action<string, string, Func<FakeRequest, string>> add)
    {
        add(FakeSoap.Tev, "CreatePullPointSubscription", Create);
        add(FakeSoap.Tev, "GetEventProperties", _ => Response("tev:GetEventProperties",
            "<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation><wsnt:FixedTopicSet>true</wsnt:FixedTopicSet>"
            + "<wstop:TopicSet xmlns:wstop=\"http://docs.oasis-open.org/wsn/t-1\"><tns1:RuleEngine><CellMotionDetector><Motion wstop:topic=\"true\"/></CellMotionDetector></tns1:RuleEngine>"
            + "<tns1:Device><Trigger><DigitalInput wstop:topic=\"true\"/><Relay wstop:topic=\"true\"/></Trigger></tns1:Device></wstop:TopicSet>"));
        add(FakeSoap.Tev, "SetSynchronizationPoint", request =>
        {
            lock (_gate)
                Synchronize(Known(request));
            return Response("tev:SetSynchronizationPoint");
        });
        add(FakeSoap.Wsnt, "Renew", Renew);
        add(FakeSoap.Wsnt, "Unsubscribe", request =>
        {
            lock (_gate)
            {
                Known(request).Queue.Writer.TryComplete();
                _subscriptions.Remove(IdOf(request));
            }

            return Response("wsnt:Unsubscribe");
        });
    }

    internal async Task<string> PullAsync(FakeRequest request, HttpContext context)
    {
        request.Expect("Timeout", "MessageLimit");
        var wait = XmlConvert.ToTimeSpan(request.Text("Timeout"));
        int limit = int.Parse(request.Text("MessageLimit"), CultureInfo.InvariantCulture);
        Subscription subscription;
        lock (_gate)
            subscription = Known(request);

        var messages = new List<string>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _device.Stopping);
        deadline.CancelAfter(wait);
        try
        {
            if (!await subscription.Queue.Reader.WaitToReadAsync(deadline.Token))
                context.Abort();
            while (messages.Count < limit && subscription.Queue.Reader.TryRead(out string? message))
                messages.Add(message);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested && !_device.Stopping.IsCancellationRequested)
        {
            if (_device.Quirks.CutsLongPolls)
                context.Abort();
        }

        return Response("tev:PullMessages", $"<tev:CurrentTime>{Time(_device.Now)}</tev:CurrentTime><tev:TerminationTime>{Time(subscription.Ends)}</tev:TerminationTime>{string.Concat(messages)}");
    }

    private string Create(FakeRequest request)
    {
        request.Expect("Filter", "InitialTerminationTime", "SubscriptionPolicy");
        ExpectAddressing(request);
        var lifetime = XmlConvert.ToTimeSpan(request.Optional("InitialTerminationTime") ?? "PT60S");
        lock (_gate)
        {
            string id = (++_next).ToString(CultureInfo.InvariantCulture);
            var subscription = _subscriptions[id] = new Subscription { Ends = _device.Now + lifetime };
            Subscribed++;
            Synchronize(subscription);
            string address = _device.Quirks.TellsNoSubscriptionAddress ? "" : _device.AddressOf(_device.Quirks.UsesReferenceParameters ? "/onvif/event_service" : $"/onvif/subscription/{id}");
            string reference = _device.Quirks.UsesReferenceParameters
                ? $"""<wsa5:ReferenceParameters><dom0:SubscriptionId xmlns:dom0="{ReferenceNamespace}">{id}</dom0:SubscriptionId></wsa5:ReferenceParameters>"""
                : "";
            return Response("tev:CreatePullPointSubscription",
                $"<tev:SubscriptionReference><wsa5:Address>{address}</wsa5:Address>{reference}</tev:SubscriptionReference><wsnt:CurrentTime>{Time(_device.Now)}</wsnt:CurrentTime><wsnt:TerminationTime>{Time(subscription.Ends)}</wsnt:TerminationTime>");
        }
    }

    private string Renew(FakeRequest request)
    {
        request.Expect("TerminationTime");
        if (_device.Quirks.RefusesRenew)
            throw FakeFaultException.Sender("wsnt:UnacceptableTerminationTimeFault", "No");
        lock (_gate)
        {
            var subscription = Known(request);
            subscription.Ends = _device.Now + XmlConvert.ToTimeSpan(request.Text("TerminationTime"));
            Renewed++;
            return Response("wsnt:Renew", $"<wsnt:TerminationTime>{Time(subscription.Ends)}</wsnt:TerminationTime><wsnt:CurrentTime>{Time(_device.Now)}</wsnt:CurrentTime>");
        }
    }

    private Subscription Known(FakeRequest request)
    {
        foreach (string old in _subscriptions.Where(entry => entry.Value.Ends < _device.Now).Select(entry => entry.Key).ToList())
            _subscriptions.Remove(old);
        return _subscriptions.GetValueOrDefault(IdOf(request)) ?? throw FakeFaultException.Sender("wsrf-rw:ResourceUnknownFault", "No such subscription");
    }

    /// <summary>By the address; by the reference parameter; with neither there is only one.</summary>
    private string IdOf(FakeRequest request) => _device.Quirks.UsesReferenceParameters
        ? request.Headers.FirstOrDefault(header => header.Name.NamespaceName == ReferenceNamespace)?.Value ?? ""
        : request.Path.StartsWith("/onvif/subscription/", StringComparison.Ordinal) ? request.Path[20..]
        : _device.Quirks.TellsNoSubscriptionAddress ? _subscriptions.Keys.LastOrDefault() ?? "" : "";

    private void Synchronize(Subscription subscription)
    {
        foreach (var (topic, state) in _properties)
            subscription.Queue.Writer.TryWrite(Message(topic, "Initialized", state));
    }

    /// <summary>WS-Addressing is what tells one subscription's messages from another's; where it is used, it is used whole.</summary>
    private static void ExpectAddressing(FakeRequest request)
    {
        var names = request.Headers.Where(header => header.Name.NamespaceName == FakeSoap.Wsa).Select(header => header.Name.LocalName).ToHashSet();
        if (names.Count > 0 && !names.Contains("Action"))
            throw FakeFaultException.Sender("wsa5:MessageAddressingHeaderRequired", "No Action");
    }

    private string Message(string topic, string operation, bool state) =>
        $"""<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">{topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="{Time(_device.Now)}" PropertyOperation="{operation}">"""
        + """<tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="source_1"/><tt:SimpleItem Name="Rule" Value="rule_1"/></tt:Source>"""
        + $"""<tt:Data><tt:SimpleItem Name="{(topic.Contains("Motion", StringComparison.Ordinal) ? "IsMotion" : "LogicalState")}" Value="{(state ? "true" : "false")}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>""";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed class Subscription
    {
        public Channel<string> Queue { get; } = Channel.CreateBounded<string>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });

        public DateTimeOffset Ends { get; set; }
    }
}
