# Times ruby-liquid on bench_templates.json.
#
# usage: ruby -I LIQUID/lib engine.rb bench_templates.json [cart.json]
#
# Writes a line a template: engine, template, render and parse in microseconds, bytes, the text in Base64; tabs between.
require "json"
require "liquid"

ENV["TZ"] = "UTC"

class Snippets
  def initialize(texts) = @texts = texts

  def read_template_file(name)
    @texts[name] or raise Liquid::FileSystemError, "there is no snippet '#{name}'"
  end
end

# The one filter of the product's own that its cart email uses, for amounts in US dollars below a thousand.
module Currency
  def currency(amount, _code) = format("$%.2f", amount)
end

Liquid::Template.register_filter(Currency)

def best(count)
  (1..7).map do
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    count.times { yield }
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end.min / count * 1e6
end

ARGV.map { |path| JSON.parse(File.read(path)) }.reduce(:merge).each do |name, entry|
  registers = { file_system: Snippets.new(entry["fs"]) }
  template = Liquid::Template.parse(entry["template"])
  render = -> { template.render!(entry["env"], registers: registers) }
  text = render.call
  times = [best(20) { render.call }, best(10) { Liquid::Template.parse(entry["template"]) }]
  short = name.sub("bench_storefront_", "").sub("minijinja_", "")
  puts ["ruby-liquid", short, *times.map { |time| format("%.3f", time) }, text.bytesize, [text].pack("m0")].join("\t")
rescue StandardError => e
  warn "ruby-liquid #{Liquid::VERSION}: #{name} not measured: #{e.class}: #{e.message}"
end
