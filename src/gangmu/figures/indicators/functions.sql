-- Changing indicators from a page. The web role reads them and writes none; who configures figures everywhere may.

CREATE OR REPLACE FUNCTION indicators_configures() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN NOT access_is_web() OR access_holds_everywhere(access_user(), 'figures:configure', access_today());
END $$;
GRANT EXECUTE ON FUNCTION indicators_configures() TO gangmu_web, gangmu_system;

CREATE OR REPLACE FUNCTION indicators_require_configuring() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT indicators_configures() THEN
    RAISE insufficient_privilege USING MESSAGE = 'indicators are changed by who configures figures everywhere';
  END IF;
END $$;

-- Nobody else writes indicators until the transaction ends: two changes at once could make a circle that neither sees.
CREATE OR REPLACE FUNCTION indicators_lock() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM indicators_require_configuring();
  LOCK TABLE indicators_indicator IN SHARE ROW EXCLUSIVE MODE;
END $$;
GRANT EXECUTE ON FUNCTION indicators_lock() TO gangmu_web, gangmu_system;

-- Whether rows of any table refer to an indicator: facts, and whatever later rooms make of indicators. By the name of the
-- column: the largest tables have no constraint in the database.
CREATE OR REPLACE FUNCTION indicators_referred(wanted text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE one record; found_id bigint; is_there boolean;
BEGIN
  PERFORM indicators_require_configuring();
  SELECT id INTO found_id FROM indicators_indicator WHERE code = wanted;
  FOR one IN
    SELECT c.oid::regclass AS place, a.attname AS column_name
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'indicator_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = $1)', one.place, one.column_name)
      INTO is_there USING found_id;
    IF is_there THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;
GRANT EXECUTE ON FUNCTION indicators_referred(text) TO gangmu_web, gangmu_system;

-- All figures of an indicator are stored with the same decimals: the most that it ever had.
CREATE OR REPLACE FUNCTION indicators_scale() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.scale := greatest(NEW.precision, (
    SELECT max((one ->> 1)::smallint) FROM jsonb_array_elements(nullif(NEW.precisions, '')::jsonb) AS one));
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER scale BEFORE INSERT OR UPDATE ON indicators_indicator
  FOR EACH ROW EXECUTE FUNCTION indicators_scale();

-- Make or change one. What the figures of an indicator mean stands still, whoever asks.
CREATE OR REPLACE FUNCTION indicators_save(wanted jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE old indicators_indicator; new indicators_indicator;
BEGIN
  PERFORM indicators_require_configuring();
  SELECT * INTO old FROM indicators_indicator WHERE code = wanted ->> 'code' FOR UPDATE;
  new := jsonb_populate_record(old, wanted - 'id' - 'source');
  IF old.id IS NULL THEN
    INSERT INTO indicators_indicator (code, name_zh, name_en, unit, precision, precisions, grain, level,
      over_time, over_organisations, weight, formula, earlier, source)
    VALUES (new.code, new.name_zh, new.name_en, new.unit, new.precision, coalesce(new.precisions, ''), new.grain, new.level,
      new.over_time, new.over_organisations, new.weight, new.formula, new.earlier, 'local');
    RETURN;
  END IF;
  IF (old.grain, old.level, old.over_time, old.over_organisations, old.weight, old.formula = '')
     IS DISTINCT FROM
     (new.grain, new.level, new.over_time, new.over_organisations, new.weight, new.formula = '')
     AND indicators_referred(old.code) THEN
    RAISE check_violation USING MESSAGE = 'there are figures of this indicator; what they mean stands still';
  END IF;
  UPDATE indicators_indicator SET name_zh = new.name_zh, name_en = new.name_en, unit = new.unit,
    precision = new.precision, precisions = new.precisions, grain = new.grain, level = new.level, over_time = new.over_time,
    over_organisations = new.over_organisations, weight = new.weight, formula = new.formula,
    earlier = new.earlier, source = 'local'
    WHERE id = old.id;
END $$;
GRANT EXECUTE ON FUNCTION indicators_save(jsonb) TO gangmu_web, gangmu_system;
